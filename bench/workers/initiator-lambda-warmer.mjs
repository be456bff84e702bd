import warmer from "lambda-warmer";
import { measured } from "./measured.mjs";

export const handler = measured(async (event, context) =>
	(await warmer(event, {}, context)) ? "warmed" : { statusCode: 200 },
);
