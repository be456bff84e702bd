import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { LambdaClient } from "@aws-sdk/client-lambda";
import {
	type Credentials,
	type FunctionOptions,
	type LocalLambda,
	type LocalLambdaOptions,
	signRequest,
	startLocalLambda,
} from "../../local-lambda/index.js";

export const handlerUrl = (name: string): URL => new URL(`./handlers/${name}.mjs`, import.meta.url);

/** A local Lambda with one function, `api`. */
export const startWith = (
	fn: Partial<FunctionOptions> = {},
	options: Partial<LocalLambdaOptions> = {},
): Promise<LocalLambda> =>
	startLocalLambda({ functions: { api: { handler: handlerUrl("echo"), timeoutMs: 20_000, ...fn } }, ...options });

/** An SDK client that makes one attempt only. */
export const clientOf = (lambda: LocalLambda): LambdaClient =>
	new LambdaClient({
		endpoint: lambda.endpoint,
		region: "us-east-1",
		credentials: lambda.credentials,
		maxAttempts: 1,
	});

/** Path of the operation that invokes the function `api`. */
export const INVOKE_PATH = "/2015-03-31/functions/api/invocations";

/** The headers of a signed request to the Invoke API that is not made by an SDK. */
export const signedHeaders = (
	lambda: LocalLambda,
	body: string,
	{ path = INVOKE_PATH, credentials = lambda.credentials }: { path?: string; credentials?: Credentials } = {},
): Record<string, string> => signRequest({ url: lambda.endpoint + path, body }, credentials);

/** State of a process as in `ps`: `T` for stopped; undefined if there is none, or only its entry is left. */
export const stateOf = (pid: number): string | undefined => {
	try {
		const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
		const state = stat.slice(stat.lastIndexOf(")") + 2).charAt(0);
		return state === "Z" || state === "X" ? undefined : state;
	} catch {
		return undefined;
	}
};

/** Waits for a condition, for as long as the test may take. */
export const until = async (condition: () => boolean): Promise<void> => {
	while (!condition()) await sleep(5);
};

export const pidsOf = (lambda: LocalLambda): number[] => lambda.timeline.environments().flatMap(({ pid }) => pid ?? []);

/** Folder of a process's control group, where it has one of its own. */
export const groupOf = (pid: number): string | undefined => {
	const [, v1, path] =
		/^\d+:(cpu)?:(\/middy-lambda-warmer-.*)$/m.exec(readFileSync(`/proc/${pid}/cgroup`, "utf8")) ?? [];
	return path && `/sys/fs/cgroup${v1 ? "/cpu" : ""}${path}`;
};
