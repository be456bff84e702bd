import warmer from "lambda-warmer";

export const handler = async (event, context) =>
	(await warmer(event, {}, context)) ? "warmed" : { statusCode: 200 };
