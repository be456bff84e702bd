import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { LambdaClient } from "@aws-sdk/client-lambda";
import {
	type FunctionOptions,
	type LocalLambda,
	type LocalLambdaOptions,
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
		credentials: { accessKeyId: "local", secretAccessKey: "local" },
		maxAttempts: 1,
	});

/** State of a process as in `ps`: `T` for stopped; undefined if there is none, or nothing but its entry. */
export const stateOf = (pid: number): string | undefined => {
	try {
		const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
		const state = stat.slice(stat.lastIndexOf(")") + 2).charAt(0);
		return state === "Z" || state === "X" ? undefined : state;
	} catch {
		return undefined;
	}
};

/** Waits, for as long as the test may take, until something is the case. */
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
