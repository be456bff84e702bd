import { afterEach, beforeEach, jest } from "@jest/globals";
import middy from "@middy/core";
import warmup, { type WarmupOptions } from "../../src/index.js";
import { createFreshEnvironment, fakeClient, logbook } from "../support.js";

/** Gives each test of a file the environment variables of a function, and takes them back. */
export const useFunctionVariables = (): void => {
	const originalEnv = process.env;
	beforeEach(() => {
		process.env = {
			...originalEnv,
			AWS_REGION: "eu-west-1",
			AWS_LAMBDA_FUNCTION_NAME: "api",
			AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
		};
	});
	afterEach(() => {
		process.env = originalEnv;
	});
};

/** A handler with the middleware first, and what was seen of it. */
export const serviceWith = (options: WarmupOptions = {}, client = fakeClient(), use = warmup) => {
	const book = logbook();
	const business = jest.fn(async (event: unknown) => event);
	const handler = middy()
		.use(use({ AwsClient: client.AwsClient, log: book.log, ...options }))
		.handler(business);
	return { ...book, ...client, business, handler };
};

/** The same in an execution environment of its own. */
export const freshService = async (options: WarmupOptions = {}, client = fakeClient()) => {
	createFreshEnvironment();
	const { default: freshWarmup } = await import("../../src/index.js");
	return serviceWith(options, client, freshWarmup);
};
