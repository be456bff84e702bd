/** serverless-offline, whose environments are worker threads behind an Invoke API of its own. */

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { promisify } from "node:util";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import type { WarmupEntry, WarmupReport } from "middy-lambda-warmer";
import { nodeBinary } from "../../../scripts/lib/installed.js";
import { freePort } from "./support/free-port.js";
import { installedCopy } from "./support/installed.js";

const region = "eu-west-1";
const credentials = { accessKeyId: "id", secretAccessKey: "secret" };
const concurrency = 3;

/** Starts the emulator in a folder. */
const start = async (folder: string) => {
	const httpPort = await freePort();
	const lambdaPort = await freePort();
	const endpoint = `http://localhost:${lambdaPort}`;
	let output = "";
	const emulator = spawn(
		await nodeBinary(22),
		[
			...["node_modules/osls/bin/serverless.js", "offline"],
			...["--httpPort", String(httpPort), "--lambdaPort", String(lambdaPort)],
		],
		{
			cwd: folder,
			env: {
				...process.env,
				// What the docs tell a user to set: its environments see what begins with AWS_.
				AWS_ENDPOINT_URL_LAMBDA: endpoint,
				AWS_ACCESS_KEY_ID: credentials.accessKeyId,
				AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
			},
			stdio: ["ignore", "pipe", "pipe"],
		},
	);
	const exit = once(emulator, "exit");
	const ready = new Promise<void>((resolve, reject) => {
		for (const stream of [emulator.stdout, emulator.stderr]) {
			stream.setEncoding("utf8").on("data", (text: string) => {
				output += text;
				if (output.includes("Server ready")) resolve();
			});
		}
		exit.then(() => reject(new Error(`serverless-offline ended:\n${output}`)));
	});
	await ready;
	return {
		endpoint,
		url: `http://localhost:${httpPort}`,
		output: () => output,
		entries: (): WarmupEntry[] =>
			output
				.split("\n")
				.filter((line) => line.startsWith('{"action":"warmer'))
				.map((line) => JSON.parse(line) as WarmupEntry),
		async [Symbol.asyncDispose]() {
			emulator.kill("SIGTERM");
			await exit;
		},
	};
};

test("pings under serverless-offline are complete and verified, and requests are served", async (t) => {
	using folder = await installedCopy("serverless-offline");
	await using emulator = await start(folder.path);
	const lambda = new LambdaClient({
		region,
		credentials,
		endpoint: emulator.endpoint,
	});
	const ping = async (): Promise<string | undefined> => {
		const { Payload } = await lambda.send(
			new InvokeCommand({
				FunctionName: "guest-dev-api",
				Payload: JSON.stringify({ warmer: true, concurrency }),
			}),
		);
		return Payload?.transformToString();
	};
	const reports = () => emulator.entries().filter((entry): entry is WarmupReport => entry.action === "warmer-report");

	for (const [index, start] of (["cold", "warm"] as const).entries()) {
		await t.test(`ping ${index + 1}`, async () => {
			assert.equal(await ping(), '"warmed"');
			const { target, requested, warmed, cold, unverified, errors } =
				reports()[index] ?? assert.fail(emulator.output());
			assert.deepEqual(
				{ target, requested, warmed, cold, unverified, errors },
				{
					target: "guest-dev-api",
					requested: concurrency,
					warmed: concurrency,
					cold: start === "cold" ? concurrency : 0,
					unverified: 0,
					errors: [],
				},
			);
		});
	}

	await t.test("both pings reached the same environments", () => {
		const ids = emulator.entries().flatMap((entry) => (entry.action === "warmer" ? [entry.id] : []));
		assert.equal(ids.length, 2 * concurrency);
		assert.equal(new Set(ids).size, concurrency);
	});

	await t.test("an HTTP request", async () => {
		const response = await fetch(`${emulator.url}/orders`);
		assert.deepEqual([response.status, await response.text()], [200, "business"]);
	});

	await t.test("the command line reads the report", async () => {
		const { stdout } = await promisify(execFile)(
			process.execPath,
			[
				"node_modules/middy-lambda-warmer/dist/cli/index.js",
				...["ping", "guest-dev-api", "--concurrency", `${concurrency}`],
			],
			{
				cwd: folder.path,
				env: {
					...process.env,
					AWS_ENDPOINT_URL_LAMBDA: emulator.endpoint,
					AWS_REGION: region,
					AWS_ACCESS_KEY_ID: credentials.accessKeyId,
					AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
				},
			},
		);
		assert.match(stdout, /^Warmed 3 of 3 environments of guest-dev-api /);
	});
});
