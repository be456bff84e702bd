import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type { WarmupReport } from "middy-lambda-warmer";
import { type LocalLambda, startLocalLambda } from "../../local-lambda/index.js";
import { handlerPath, killStarted, patience, report, start, variablesOf } from "./support.js";

const shortfall: WarmupReport = {
	...report,
	warmed: 3,
	throttled: 2,
	errors: [
		{
			name: "TooManyRequestsException",
			message: "Rate Exceeded.",
			count: 2,
			hint: "reserved concurrency is lower than the environments requested",
		},
	],
};

const hour = Math.floor(Date.now() / 3_600_000);
const demand = { [hour - 1]: 4, [hour]: 2 };
const automatic: WarmupReport = {
	...report,
	traffic: { requests: 120, coldStarts: 2, peak: 4, sinceMs: 300_000 },
	recommended: 5,
	demand,
	basis: "peak of 4 at 2026-11-28T14Z, plus 1",
};

/** Clears the screen and sets the window's title. */
const HOSTILE = "\u001b[2J\u001b]0;owned\u0007";

/** What the functions answer, by name. Undefined: an error. */
const ANSWERS: Record<string, string | undefined> = {
	orders: JSON.stringify(report),
	shortfall: JSON.stringify(shortfall),
	skipped: JSON.stringify({ ...shortfall, skipped: "provisioned concurrency" }),
	automatic: JSON.stringify(automatic),
	hostile: JSON.stringify({
		...shortfall,
		errors: [{ name: HOSTILE, message: HOSTILE, count: 1, hint: HOSTILE }],
	}),
	"hostile-handler": HOSTILE,
	old: "warmed",
	unwarmed: '{"statusCode":200}',
	failing: undefined,
};

let lambda: LocalLambda;
let folder: string;

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "ping-"));
	lambda = await startLocalLambda({
		functions: Object.fromEntries(
			Object.entries(ANSWERS).map(([name, ANSWER]) => [
				name,
				{
					handler: handlerPath("answers.mjs"),
					aliases: { prod: "7" },
					timeoutMs: 60_000,
					environment: ANSWER === undefined ? {} : { ANSWER },
				},
			]),
		),
		fault: ({ functionName }) => {
			if (functionName === "denied") return "deny";
			return functionName === "busy" ? "throttle" : undefined;
		},
	});
});
afterAll(async () => {
	await lambda.stop();
	await rm(folder, { recursive: true });
});
afterEach(killStarted);

/** Pings a function of the local Lambda; resolves when the command has ended. */
const ping = async (args: readonly string[], variables: Record<string, string | undefined> = {}) => {
	const run = start(["ping", ...args], { ...variablesOf(lambda), ...variables });
	return { code: await run.ended, stdout: run.stdout, stderr: run.stderr };
};

const unwrap = (text: string): string => text.replace(/\s+/g, " ");

test(
	"sends one ping with the given fields to the given ARN, and prints the report",
	async () => {
		lambda.reset();
		const { code, stdout, stderr } = await ping([
			...[lambda.arn("orders", "prod"), "--concurrency", "5"],
			...["--flag", "wake", "--concurrency-field", "count"],
		]);
		expect([code, stderr]).toEqual([0, ""]);
		expect(unwrap(stdout)).toMatch(
			/^Warmed 5 of 5 environments of \S+:orders:prod in [\d.,]+ ms; 1 of them had to start\. 2 rounds of invocations over h2 took 96 ms, with a hold of 46 ms\. $/,
		);
		expect(lambda.invocations).toMatchObject([
			{ arn: lambda.arn("orders", "prod"), payload: { wake: true, count: 5, report: true } },
		]);
	},
	patience,
);

test(
	"exits with 1 and says what to do if environments are missing",
	async () => {
		const missing = await ping(["shortfall"]);
		expect(missing.code).toBe(1);
		expect(missing.stdout).toContain("Warmed 3 of 5");
		expect(missing.stdout).toContain("2 × TooManyRequestsException: Rate Exceeded.\n  reserved concurrency is lower");
		const limited = await ping(["orders", "--concurrency", "60"]);
		expect(limited.code).toBe(1);
		expect(limited.stdout).toContain("maxConcurrency limited the ping");
		const skipped = await ping(["skipped"]);
		expect(skipped.code).toBe(1);
		expect(skipped.stdout).toContain("Nothing was invoked: provisioned concurrency");
	},
	patience,
);

test(
	"prints a row for each of several pings, and each failure once",
	async () => {
		const { code, stdout } = await ping(["shortfall", "--times", "2", "--every", "1ms"]);
		expect(code).toBe(1);
		const [head, ...rows] = stdout.trimEnd().split("\n");
		expect(head?.trim().split(/ {2,}/)).toEqual([...["ping", "warmed", "cold", "rounds", "hold", "over", "took"]]);
		expect(rows).toEqual([
			expect.stringMatching(/^ +1 +3 of 5 +1 +2 +46 ms +h2 +[\d.,]+ ms$/),
			expect.stringMatching(/^ +2 +3 of 5 +1 +2 +46 ms +h2 +[\d.,]+ ms$/),
			"4 × TooManyRequestsException: Rate Exceeded.",
			"  reserved concurrency is lower than the environments requested",
		]);
	},
	patience,
);

test(
	"prints nothing but lines of JSON on standard output with --json",
	async () => {
		const file = join(folder, "json.json");
		const { code, stdout, stderr } = await ping([
			...["orders", "--times", "2", "--every", "1ms", "--json", "--concurrency", "auto", "--save", file],
		]);
		expect(code).toBe(0);
		const lines = stdout.trimEnd().split("\n");
		expect(lines.map((line) => JSON.parse(line))).toEqual([report, report]);
		expect(stderr).toContain("orders");
		const hostile = await ping(["hostile", "--json"]);
		expect(JSON.parse(hostile.stdout).errors[0].message).toBe(HOSTILE);
		expect(hostile.stdout).not.toMatch(/(?!\n)\p{Cc}/u);
	},
	patience,
);

test(
	"prints control characters of an answer, a hint or a name in escaped form",
	async () => {
		for (const [name, code] of [["hostile", 1] as const, ["hostile-handler", 1] as const, [HOSTILE, 2] as const]) {
			const run = await ping([name]);
			expect(run.code).toBe(code);
			expect(run.stdout + run.stderr).toContain("\\u001b[2J");
			expect(run.stdout + run.stderr).not.toMatch(/(?!\n)\p{Cc}/u);
		}
	},
	patience,
);

describe("demand", () => {
	test(
		"prints the cold starts of requests, the peak and the recommended number",
		async () => {
			lambda.reset();
			const { code, stdout, stderr } = await ping(["automatic", "--concurrency", "auto"]);
			expect([code, stderr]).toEqual([0, ""]);
			expect(lambda.invocations).toMatchObject([{ payload: { warmer: true, concurrency: "auto", report: true } }]);
			expect(unwrap(stdout)).toContain(
				'served 120 requests: at least 2 met a cold start, and at most 4 environments were busy at the same time. "auto" chose the number of environments: peak of 4 at 2026-11-28T14Z, plus 1. Recommended concurrency: 5.',
			);
			const table = await ping(["automatic", "--times", "2", "--every", "1ms"]);
			expect(unwrap(table.stdout)).toContain("served 240 requests: at least 4 met a cold start");
		},
		patience,
	);

	test(
		"saves what one function remembers, and passes it on to another",
		async () => {
			const file = join(folder, "demand.json");
			const saved = await ping(["automatic", "--save", file]);
			expect([saved.code, saved.stderr]).toEqual([0, ""]);
			expect(JSON.parse(await readFile(file, "utf8"))).toEqual(demand);
			lambda.reset();
			const passed = await ping(["orders", "--demand", file]);
			expect([passed.code, passed.stderr]).toEqual([0, ""]);
			expect(lambda.invocations).toMatchObject([{ payload: { warmer: true, report: true, demand } }]);
		},
		patience,
	);

	test(
		"warns if an older function has none, and leaves a file that can be passed on all the same",
		async () => {
			const file = join(folder, "none.json");
			const saved = await ping(["orders", "--save", file, "--concurrency", "auto"]);
			expect(saved.code).toBe(0);
			expect(saved.stderr).toMatch(/orders does not say whether it knows "auto": .* older than 0\.3/);
			expect(saved.stderr).toMatch(/orders reports no demand, so there is nothing to pass on: .* older than 0\.3/);
			const passed = await ping(["automatic", "--demand", file]);
			expect(passed.code).toBe(0);
			expect(passed.stderr).toContain("no peaks from the last 24 hours");
		},
		patience,
	);

	test(
		"saves an empty table if the function has no warmer yet, but nothing if it cannot be invoked",
		async () => {
			const file = join(folder, "unwarmed.json");
			expect((await ping(["unwarmed", "--save", file])).code).toBe(1);
			expect(JSON.parse(await readFile(file, "utf8"))).toEqual({});
			await writeFile(file, JSON.stringify(demand));
			expect((await ping(["busy", "--save", file])).code).toBe(2);
			expect(JSON.parse(await readFile(file, "utf8"))).toEqual(demand);
		},
		patience,
	);

	test(
		"reads and checks the files before it pings",
		async () => {
			lambda.reset();
			const file = join(folder, "broken.json");
			await writeFile(file, '{ "today": 6 }');
			const broken = await ping(["orders", "--demand", file]);
			expect([broken.code, broken.stdout]).toEqual([2, ""]);
			expect(broken.stderr).toContain('contains "today": 6');
			const nowhere = await ping(["orders", "--save", join(folder, "no-such-folder", "demand.json")]);
			expect([nowhere.code, nowhere.stdout]).toEqual([2, ""]);
			expect(nowhere.stderr).toContain("existing folder");
			expect(lambda.invocations).toEqual([]);
		},
		patience,
	);
});

test(
	"prints the middleware's own report: all environments warm, or too little reserved concurrency",
	async () => {
		const handler = new URL("../../examples/api.mjs", import.meta.url);
		const fn = { handler, timeoutMs: 60_000 };
		await using real = await startLocalLambda({
			functions: { api: fn, scarce: { ...fn, reservedConcurrency: 3 } },
			tls: {},
		});
		const args = ["--concurrency", "5"];
		const all = await ping(["api", ...args], variablesOf(real));
		expect([all.code, all.stderr]).toEqual([0, ""]);
		expect(all.stdout).toContain("Warmed 5 of 5");
		expect(all.stdout).toContain("over h2");
		const some = await ping(["scarce", ...args], variablesOf(real));
		expect([some.code, some.stderr]).toEqual([1, ""]);
		expect(some.stdout).toContain("Warmed 3 of 5");
		expect(some.stdout).toContain("reserved concurrency");
	},
	patience,
);

test(
	"shows the cold starts of a burst, and passes its peak on to a version that has never seen a request",
	async () => {
		const fn = { handler: handlerPath("slow.mjs"), timeoutMs: 60_000 };
		await using real = await startLocalLambda({ functions: { old: fn, new: fn }, tls: {} });
		const file = join(folder, "burst.json");
		await Promise.all(Array.from({ length: 3 }, () => real.invoke("old", {})));

		const old = await ping(["old", "--concurrency", "auto", "--save", file], variablesOf(real));
		expect([old.code, old.stderr]).toEqual([0, ""]);
		expect(unwrap(old.stdout)).toMatch(
			/served 3 requests: at least 3 met a cold start, and at most 3 environments were busy.*"auto" chose the number of environments: .*Recommended concurrency: 4\./,
		);
		expect(Object.values(JSON.parse(await readFile(file, "utf8")))).toContain(3);

		const fresh = await ping(["new", "--concurrency", "auto", "--demand", file], variablesOf(real));
		expect([fresh.code, fresh.stderr]).toEqual([0, ""]);
		expect(unwrap(fresh.stdout)).toMatch(/^Warmed 4 of 4 environments of new .*peak of 3 at [\dT-]+Z, plus 1\./);
	},
	patience,
);

test.each<[string[], number, string, Record<string, string | undefined>?]>([
	[["old"], 1, "returned no report"],
	[["unwarmed"], 1, "treated the ping as a request"],
	[["failing"], 1, "failed (Unhandled)"],
	[["no-such-function"], 2, "check the name and --region"],
	[["denied"], 2, "lambda:InvokeFunction"],
	[["busy"], 2, "throttled the ping itself"],
	[["orders"], 2, "set AWS_REGION", { AWS_REGION: undefined, AWS_CONFIG_FILE: "/dev/null" }],
	[
		["orders"],
		2,
		"No credentials",
		{
			AWS_ACCESS_KEY_ID: undefined,
			AWS_SECRET_ACCESS_KEY: undefined,
			AWS_EC2_METADATA_DISABLED: "true",
			AWS_CONFIG_FILE: "/dev/null",
			AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
		},
	],
	[["orders", "--every", "2"], 2, "--every takes a duration"],
	[["orders", "--times", "0"], 2, "--times takes an integer"],
	[["orders", "--concurrency", "automatic"], 2, "--concurrency takes an integer"],
	[[], 2, "takes one argument"],
])(
	"ping %j exits with %i and says on standard error: %s",
	async (args, code, said, variables = {}) => {
		const run = await ping(args, variables);
		expect([run.code, run.stdout]).toEqual([code, ""]);
		expect(run.stderr).toMatch(/^middy-lambda-warmer: /);
		expect(run.stderr).toContain(said);
	},
	patience,
);
