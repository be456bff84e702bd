/** The AWS CLI and boto3 invoke the local Lambda, whose check of signatures they know nothing of. */

import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type LocalLambda, startLocalLambda } from "../../../local-lambda/index.js";

/** One call of the operation `Invoke`. */
interface Call {
	functionName: string;
	invocationType: "RequestResponse" | "Event";
	payload: unknown;
	qualifier?: string;
}

/** What the client makes of the response. */
interface Outcome {
	statusCode?: number;
	version?: string | null;
	functionError?: string | null;
	payload?: string;
	error?: string;
	message?: string;
}

type Client = (calls: readonly Call[], env: NodeJS.ProcessEnv) => Promise<Outcome[]>;

/** Runs a program; resolves with its output, whatever its exit code. */
const run = (command: string, args: readonly string[], env: NodeJS.ProcessEnv, input = "") =>
	new Promise<{ stdout: string; stderr: string; failed: boolean }>((resolve) => {
		const child = execFile(command, args, { env }, (error, stdout, stderr) => {
			resolve({ stdout, stderr, failed: error !== null });
		});
		child.stdin?.end(input);
	});

const invokeByCli = async (call: Call, folder: string, env: NodeJS.ProcessEnv): Promise<Outcome> => {
	const file = join(mkdtempSync(join(folder, "call-")), "payload.json");
	const { stdout, stderr, failed } = await run(
		"aws",
		[
			...["lambda", "invoke", "--endpoint-url", String(env.AWS_ENDPOINT_URL_LAMBDA), "--output", "json"],
			...["--function-name", call.functionName, "--invocation-type", call.invocationType],
			...["--payload", JSON.stringify(call.payload)],
			...(call.qualifier === undefined ? [] : ["--qualifier", call.qualifier]),
			file,
		],
		env,
	);
	if (failed) {
		const [, error = "", message = ""] =
			/\((\w+)\) when calling the Invoke operation(?: \(reached .*?\))?: (.*)/.exec(stderr) ?? assert.fail(stderr);
		return { error, message };
	}
	const { StatusCode, ExecutedVersion, FunctionError } = JSON.parse(stdout);
	return {
		statusCode: StatusCode,
		version: ExecutedVersion,
		functionError: FunctionError,
		payload: readFileSync(file, "utf8"),
	};
};

const invokeByBoto3 =
	(python: string): Client =>
	async (calls, env) => {
		const script = fileURLToPath(new URL("clients/invoke.py", import.meta.url));
		const { stdout, stderr, failed } = await run(python, [script], env, JSON.stringify(calls));
		if (failed) assert.fail(stderr);
		return JSON.parse(stdout);
	};

/** Debian installs boto3 for its own interpreter, which may not be the first in the path. */
const python = ["python3", "/usr/bin/python3"].find(
	(command) => spawnSync(command, ["-c", "import boto3"]).status === 0,
);
const hasCli = spawnSync("aws", ["--version"]).status === 0;

const start = (): Promise<LocalLambda> =>
	startLocalLambda({
		functions: {
			api: {
				handler: new URL("../../e2e/handlers/api.mjs", import.meta.url),
				timeoutMs: 20_000,
				aliases: { live: "1" },
			},
		},
		tls: {},
	});

/** A folder for the client's settings and files, and the environment in which it finds them and the local Lambda. */
const setUp = (lambda: LocalLambda, t: TestContext) => {
	const folder = mkdtempSync(join(tmpdir(), "middy-lambda-warmer-clients-"));
	t.after(() => rmSync(folder, { recursive: true }));
	const config = join(folder, "config");
	// Version 2 of the CLI takes a payload as Base64 by default.
	writeFileSync(config, "[default]\ncli_binary_format = raw-in-base64-out\nretry_mode = standard\nmax_attempts = 1\n");
	const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("AWS_"));
	const env = {
		...Object.fromEntries(inherited),
		...lambda.variables,
		AWS_CA_BUNDLE: lambda.variables.NODE_EXTRA_CA_CERTS,
		AWS_CONFIG_FILE: config,
		AWS_DEFAULT_REGION: lambda.variables.AWS_REGION,
		AWS_PAGER: "",
		AWS_SHARED_CREDENTIALS_FILE: join(folder, "none"),
	};
	return { folder, env };
};

const check = async (client: Client, lambda: LocalLambda, env: NodeJS.ProcessEnv): Promise<void> => {
	const call = { functionName: "api", invocationType: "RequestResponse", payload: { path: "/" } } as const;
	const [request, alias, failure, event, unknown] = await client(
		[
			call,
			{ ...call, functionName: lambda.arn("api"), qualifier: "live" },
			{ ...call, payload: { throw: "oops" } },
			{ ...call, invocationType: "Event" },
			{ ...call, functionName: "nobody" },
		],
		env,
	);
	assert.deepEqual([request?.statusCode, request?.version], [200, "$LATEST"]);
	assert.deepEqual(JSON.parse(request?.payload ?? "").event, { path: "/" });
	assert.deepEqual([alias?.statusCode, alias?.version], [200, "1"]);
	assert.deepEqual([failure?.statusCode, failure?.functionError], [200, "Unhandled"]);
	assert.equal(JSON.parse(failure?.payload ?? "").errorType, "RangeError");
	assert.deepEqual([event?.statusCode, event?.payload], [202, ""]);
	assert.deepEqual(unknown, {
		error: "ResourceNotFoundException",
		message: `Function not found: ${lambda.arn("nobody")}`,
	});
	await lambda.settle();
	assert.deepEqual(
		lambda.invocations.map(({ protocol, status }) => [protocol, status]).sort(),
		[200, 200, 200, 202, 404].map((status) => ["http/1.1", status]),
	);

	const [ping] = await client([{ ...call, payload: { warmer: true, concurrency: 3, report: true } }], env);
	const { warmed, requested } = JSON.parse(JSON.parse(ping?.payload ?? ""));
	assert.deepEqual({ warmed, requested }, { warmed: 3, requested: 3 });

	const [refused] = await client([call], { ...env, AWS_SECRET_ACCESS_KEY: "wrong" });
	assert.equal(refused?.error, "InvalidSignatureException");
};

test("the AWS CLI", { skip: !hasCli && "the AWS CLI is not installed (apt-get install awscli)" }, async (t) => {
	await using lambda = await start();
	const { folder, env } = setUp(lambda, t);
	await check((calls, env) => Promise.all(calls.map((call) => invokeByCli(call, folder, env))), lambda, env);
});

test("boto3", { skip: !python && "boto3 is not installed (apt-get install python3-boto3)" }, async (t) => {
	await using lambda = await start();
	const { env } = setUp(lambda, t);
	await check(invokeByBoto3(python ?? ""), lambda, env);
});
