import middy from "@middy/core";
import warmer from "lambda-warmer";
import warmup from "middy-lambda-warmer";

/** The old deployment of a service. */
const old = async (event, context) => ((await warmer(event, {}, context)) ? "warmed" : { deployment: "old" });

/** The new one. */
const current = middy()
	.use(warmup())
	.handler(async () => ({ deployment: "current" }));

let deployed;

/**
 * A service in the middle of a deployment: what an environment runs is settled by the first ping that reaches it, with
 * `OLD_INVOCATIONS` the numbers of the invocations that meet the old one.
 */
export const handler = (event, context) => {
	const { __WARMER_INVOCATION__: number = 1 } = event;
	deployed ??= JSON.parse(process.env.OLD_INVOCATIONS ?? "[]").includes(number) ? old : current;
	return deployed(event, context);
};
