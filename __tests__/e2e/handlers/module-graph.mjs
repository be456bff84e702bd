import middy from "@middy/core";
import warmup from "middy-lambda-warmer";
import { loadedModules } from "../module-graph/record.mjs";

/** Answers a business request with the URLs of all modules that this process has loaded. */
export const handler = middy()
	.use(warmup())
	.handler(async () => loadedModules());
