import { setTimeout as wait } from "node:timers/promises";

// The wait is the one that the README of serverless-plugin-warmup advises for concurrency.
export const handler = async (event) => {
	if (event.source === "serverless-plugin-warmup") {
		await wait(25);
		return "Lambda is warm!";
	}
	return { statusCode: 200 };
};
