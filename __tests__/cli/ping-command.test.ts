import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import type { WarmupReport } from "middy-lambda-warmer";
import { readAnswer } from "../../cli/report-text.js";
import { type LocalLambda, startLocalLambda } from "../../local-lambda/index.js";
import { handlerPath, killStarted, patience, start, variablesOf } from "./support.js";

const report: WarmupReport = {
	action: "warmer-report",
	function: "orders:7",
	target: "orders:prod",
	correlationId: "id",
	requested: 5,
	warmed: 5,
	cold: 1,
	unverified: 0,
	throttled: 0,
	failed: 0,
	timedOut: 0,
	rounds: 2,
	delay: 46,
	durationMs: 96,
	protocol: "h2",
	errors: [],
};
const short: WarmupReport = {
	...report,
	warmed: 3,
	throttled: 2,
	errors: [
		{
			name: "TooManyRequestsException",
			message: "Rate Exceeded.",
			count: 2,
			hint: "reserved concurrency is lower than asked for",
		},
	],
};

/** What functions answer, by name. */
const answers: Record<string, string | undefined> = {
	orders: JSON.stringify(report),
	short: JSON.stringify(short),
	skipped: JSON.stringify({ ...short, skipped: "provisioned concurrency" }),
	old: "warmed",
	unwarmed: '{"statusCode":200}',
	failing: undefined,
};

let lambda: LocalLambda;

beforeAll(async () => {
	lambda = await startLocalLambda({
		functions: Object.fromEntries(
			Object.entries(answers).map(([name, ANSWER]) => [
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
afterAll(() => lambda.stop());
afterEach(killStarted);

/** Pings functions of the local Lambda; resolves when the command has ended. */
const ping = async (args: readonly string[], variables: Record<string, string | undefined> = {}) => {
	const run = start(["ping", ...args], { ...variablesOf(lambda), ...variables });
	return { code: await run.ended, stdout: run.stdout, stderr: run.stderr };
};

test(
	"sends a ping to the very function that is named, and reads its report to the user",
	async () => {
		lambda.reset();
		const { code, stdout, stderr } = await ping([
			...[lambda.arn("orders", "prod"), "--concurrency", "5"],
			...["--flag", "wake", "--concurrency-field", "count"],
		]);
		expect([code, stderr]).toEqual([0, ""]);
		expect(stdout.replace(/\s+/g, " ")).toMatch(
			/^Warmed 5 of 5 environments of \S+:orders:prod in [\d.,]+ ms; 1 of them had to start\. It took 2 rounds of invocations over h2 in 96 ms, with a hold of 46 ms\. $/,
		);
		expect(lambda.invocations).toMatchObject([
			{ arn: lambda.arn("orders", "prod"), payload: { wake: true, count: 5, report: true } },
		]);
	},
	patience,
);

test(
	"exits with 1 where environments are missing, and says what to do",
	async () => {
		const { code, stdout } = await ping(["short"]);
		expect(code).toBe(1);
		expect(stdout).toContain("Warmed 3 of 5");
		expect(stdout).toContain("2 × TooManyRequestsException: Rate Exceeded.\n  reserved concurrency is lower");
		const clamped = await ping(["orders", "--concurrency", "60"]);
		expect(clamped.code).toBe(1);
		expect(clamped.stdout).toContain("raise its option maxConcurrency");
		const skipped = await ping(["skipped"]);
		expect(skipped.code).toBe(1);
		expect(skipped.stdout).toContain("Nothing was invoked: provisioned concurrency");
	},
	patience,
);

test(
	"a row a ping, or a line of JSON",
	async () => {
		const table = await ping(["short", "--times", "2", "--every", "1ms"]);
		expect(table.code).toBe(1);
		const [head, ...rows] = table.stdout.trimEnd().split("\n");
		expect(head?.trim().split(/ {2,}/)).toEqual([...["ping", "warmed", "cold", "rounds", "hold", "over", "took"]]);
		expect(rows).toEqual([
			expect.stringMatching(/^ +1 +3 of 5 +1 +2 +46 ms +h2 +[\d.,]+ ms$/),
			expect.stringMatching(/^ +2 +3 of 5 +1 +2 +46 ms +h2 +[\d.,]+ ms$/),
			"4 × TooManyRequestsException: Rate Exceeded.",
			"  reserved concurrency is lower than asked for",
		]);

		const json = await ping([...["orders", "--times", "2", "--every", "1ms", "--json"]]);
		expect(json.code).toBe(0);
		const lines = json.stdout.trimEnd().split("\n");
		expect(lines.map((line) => JSON.parse(line))).toEqual([report, report]);
	},
	patience,
);

test(
	"the middleware's own report, over HTTP/2: all warm, and with too little reserved concurrency",
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

test.each<[string[], number, string, Record<string, string | undefined>?]>([
	[["old"], 1, "answered without a report"],
	[["unwarmed"], 1, "took the ping for a business request"],
	[["failing"], 1, "failed (Unhandled)"],
	[["no-such-function"], 2, "check the name and --region"],
	[["denied"], 2, "lambda:InvokeFunction"],
	[["busy"], 2, "want of concurrency"],
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
	[["orders", "--every", "2"], 2, "--every takes a time"],
	[["orders", "--times", "0"], 2, "--times takes a whole number"],
	[[], 2, "takes one name"],
])(
	"%j exits with %i: %s",
	async (args, code, said, variables = {}) => {
		const run = await ping(args, variables);
		expect([run.code, run.stdout]).toEqual([code, ""]);
		expect(run.stderr).toMatch(/^middy-lambda-warmer: /);
		expect(run.stderr).toContain(said);
	},
	patience,
);

test("reads a report as it came: raw, quoted, or quoted without escaping", () => {
	const raw = JSON.stringify(report);
	for (const text of [raw, JSON.stringify(raw), `"${raw}"`]) {
		expect(readAnswer(text)).toEqual({ kind: "report", report });
	}
	for (const text of ["warmed", '"warmed"']) {
		expect(readAnswer(text)).toEqual({ kind: "warmed" });
	}
	for (const text of ["", "null", "[]", '"', '{"action":"warmer"}']) {
		expect(readAnswer(text)).toEqual({ kind: "other" });
	}
});
