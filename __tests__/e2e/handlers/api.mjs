import middy from "@middy/core";
import warmup from "middy-lambda-warmer";
import { diagnose } from "./diagnostics.mjs";

/** A service whose middleware has the options in `WARMUP_OPTIONS`. */
export const handler = middy()
	.use(warmup(JSON.parse(process.env.WARMUP_OPTIONS ?? "{}")))
	.handler(async (event) => {
		if (event.throw) throw new RangeError(event.throw);
		return { event, ...diagnose() };
	});
