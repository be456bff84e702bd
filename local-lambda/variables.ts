import { randomUUID } from "node:crypto";
import { basename, dirname, extname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type Credentials, credentialVariables } from "./credentials.js";
import { REGION } from "./function-name.js";
import type { FunctionOptions } from "./function-options.js";
import { CREDENTIALS_PATH } from "./runtime-api.js";

/** Absolute path of a handler that is given as a path or a file URL. */
export const handlerPath = (handler: string | URL): string =>
	handler instanceof URL || handler.startsWith("file:") ? fileURLToPath(handler) : resolve(handler);

/** What the variables of an environment depend on, besides the function's options. */
export interface EnvironmentSettings {
	functionName: string;
	version: string;
	/** `host:port` of its Runtime API. */
	runtimeApi: string;
	credentials: Required<Credentials>;
	/** Variables that lead to the Invoke API. */
	endpointVariables: Readonly<Record<string, string>>;
}

/** Variables from which the AWS SDK gets the credentials: after a snapshot, they are fetched from an endpoint. */
const accessVariables = (
	{ credentials, runtimeApi }: EnvironmentSettings,
	{ initializationType }: FunctionOptions,
): Record<string, string> =>
	initializationType === "snap-start"
		? {
				AWS_CONTAINER_AUTHORIZATION_TOKEN: credentials.sessionToken,
				AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://${runtimeApi}${CREDENTIALS_PATH}`,
			}
		: credentialVariables(credentials);

/**
 * The variables of an environment: those that Lambda sets (developer guide, "Defined runtime environment variables"),
 * and the function's own.
 */
export const variablesOf = (settings: EnvironmentSettings, options: FunctionOptions): Record<string, string> => {
	const { functionName, version, runtimeApi, endpointVariables } = settings;
	const { handler, memoryMb = 128, initializationType = "on-demand" } = options;
	const path = handlerPath(handler);
	const day = new Date().toISOString().slice(0, 10).replaceAll("-", "/");
	const { NODE_EXTRA_CA_CERTS } = endpointVariables;
	return {
		AWS_DEFAULT_REGION: REGION,
		AWS_EC2_METADATA_DISABLED: "true",
		AWS_LAMBDA_FUNCTION_MEMORY_SIZE: `${memoryMb}`,
		AWS_LAMBDA_FUNCTION_NAME: functionName,
		AWS_LAMBDA_FUNCTION_VERSION: version,
		AWS_LAMBDA_INITIALIZATION_TYPE: initializationType,
		AWS_LAMBDA_LOG_FORMAT: "JSON",
		AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${functionName}`,
		AWS_LAMBDA_LOG_STREAM_NAME: `${day}/[${version}]${randomUUID().replaceAll("-", "")}`,
		AWS_LAMBDA_RUNTIME_API: runtimeApi,
		AWS_REGION: REGION,
		// A folder without the developer's own settings.
		HOME: dirname(path),
		LAMBDA_TASK_ROOT: dirname(path),
		PATH: process.env.PATH ?? "",
		TZ: ":UTC",
		_HANDLER: `${basename(path, extname(path))}.handler`,
		...accessVariables(settings, options),
		...endpointVariables,
		...options.environment,
		// Without the certificate, the Invoke API cannot be reached over TLS.
		...(NODE_EXTRA_CA_CERTS && { NODE_EXTRA_CA_CERTS }),
	};
};
