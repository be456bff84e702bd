import middy from "@middy/core";
import warmup from "middy-lambda-warmer";
import { loadedBuiltIns } from "./built-ins.mjs";

/** Answers a request with the built-in modules that this process has loaded. */
export const handler = middy()
	.use(warmup())
	.handler(async () => loadedBuiltIns());
