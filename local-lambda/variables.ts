import { randomUUID } from "node:crypto";
import { basename, dirname, extname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { REGION } from "./function-name.js";
import type { FunctionOptions } from "./types.js";

/** Absolute path of a handler, given as path or file URL. */
export const handlerPath = (handler: string | URL): string =>
	handler instanceof URL || handler.startsWith("file:") ? fileURLToPath(handler) : resolve(handler);

/** The environment variables that Lambda sets for a function, but those that say where its APIs are. */
export const variablesOf = (functionName: string, version: string, { handler, memoryMb = 128 }: FunctionOptions) => {
	const path = handlerPath(handler);
	const day = new Date().toISOString().slice(0, 10).replaceAll("-", "/");
	return {
		AWS_ACCESS_KEY_ID: "local",
		AWS_DEFAULT_REGION: REGION,
		AWS_EC2_METADATA_DISABLED: "true",
		AWS_LAMBDA_FUNCTION_MEMORY_SIZE: `${memoryMb}`,
		AWS_LAMBDA_FUNCTION_NAME: functionName,
		AWS_LAMBDA_FUNCTION_VERSION: version,
		AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
		AWS_LAMBDA_LOG_FORMAT: "JSON",
		AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${functionName}`,
		AWS_LAMBDA_LOG_STREAM_NAME: `${day}/[${version}]${randomUUID().replaceAll("-", "")}`,
		AWS_REGION: REGION,
		AWS_SECRET_ACCESS_KEY: "local",
		AWS_SESSION_TOKEN: "local",
		// Where no settings of the developer's are.
		HOME: dirname(path),
		LAMBDA_TASK_ROOT: dirname(path),
		PATH: process.env.PATH ?? "",
		TZ: ":UTC",
		_HANDLER: `${basename(path, extname(path))}.handler`,
	};
};
