import middy from "@middy/core";
import warmup from "middy-lambda-warmer";

const seen = [];

/** A middleware that notes each of its hooks that runs. */
const spy = (name) => ({
	before: () => void seen.push(`${name} before`),
	after: () => void seen.push(`${name} after`),
	onError: () => void seen.push(`${name} onError`),
});

/** Answers a business request with the hooks that ran since the last one. */
export const handler = middy()
	.use(spy("earlier"))
	.use(warmup())
	.use(spy("later"))
	.handler(async (event) => {
		if (event.throw) throw new RangeError(event.throw);
		return seen.splice(0);
	});
