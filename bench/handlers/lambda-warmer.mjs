import { setTimeout as wait } from "node:timers/promises";
import warmer from "lambda-warmer";

export const handler = async (event, context) => {
	if (await warmer(event, {}, context)) return "warmed";
	await wait(event.serviceMs ?? 0);
	return { statusCode: 200 };
};
