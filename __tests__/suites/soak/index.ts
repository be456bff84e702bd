/**
 * 100 pings in a row under a random mix of faults, with business requests during and between them; 2 % of the children
 * fail in passing where nothing else does; and now and then a ping of a function with 128 MB. Fails unless every ping
 * and every business request is answered, and the longest-lived environment holds no more in the end than early on.
 * `SOAK_SEED=… npm run test:soak` draws another mix.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createRandom } from "../../../local-lambda/delivery.js";
import { bundledRuntime, type Fault, type InvokeResult } from "../../../local-lambda/index.js";
import type { WarmupReport } from "../../../src/index.js";
import {
	type Diagnosis,
	diagnose,
	errorsOf,
	handlerUrl,
	openConnections,
	type Pinged,
	ping,
	service,
	startApi,
} from "../../e2e/support.js";
import { drawFaults, type SoakFault } from "./faults.js";
import { growth, handles, type Sample } from "./samples.js";

const pings = 100;
const concurrency = 5;
const timeoutMs = 4000;
/** The small function is pinged after so many pings. */
const smallEvery = 5;
const smallPings = pings / smallEvery;
/** V8 goes on compiling for a thousand pings or so, which is less; 5 kB that leaked in every ping would be more. */
const maxGrowth = 1.02;
const seed = Number(process.env.SOAK_SEED ?? 1);
const random = createRandom(seed);

const folder = await mkdtemp(join(tmpdir(), "middy-lambda-warmer-"));
const faultFile = join(folder, "fault");

let fault: SoakFault | undefined;
let passing = 0;

/** What another round cures. */
const inPassing = (): Fault | undefined => {
	if (random() >= 0.02) return undefined;
	passing++;
	return passing % 2 ? "error" : "reset";
};

const lambda = await startApi(
	{
		...service({ delay: 100 }, { environment: { FAULT_FILE: faultFile } }),
		handler: handlerUrl("faulty"),
		timeoutMs,
		runtime: [process.execPath, "--expose-gc", bundledRuntime],
	},
	{
		seed,
		idleSocketMs: 50,
		tls: {},
		delivery: { RequestResponse: { median: 5, p99: 30 } },
		fault: ({ payload }) =>
			fault?.ofApi
				? fault.ofApi((payload as Record<string, number>).__WARMER_INVOCATION__ ?? 0)
				: fault?.ofChildren
					? undefined
					: inPassing(),
	},
);

/** At the defaults of SAM and the CDK. Of its own, so that nothing of the others slows it down. */
const small = await startApi({ ...service(), memoryMb: 128, timeoutMs: 3000 }, { seed, tls: {}, fault: inPassing });

const problems = {
	pings: [] as string[],
	reports: [] as string[],
	business: [] as string[],
	connections: [] as string[],
	small: [] as string[],
};
/** Pings of the small function that were answered in time, and not complete. */
const shortOfSmall: string[] = [];
let businessRequests = 0;

/** A business request, and whether its answer is what it should be. */
const business = async (event: { n: number; linger?: { pid: number; lingerMs: number } }) => {
	businessRequests++;
	const answer = await lambda.invoke("api", event);
	const { event: echo } = (answer.payload ?? {}) as Partial<Diagnosis>;
	if (JSON.stringify(echo) !== JSON.stringify(event)) {
		problems.business.push(`${JSON.stringify(event)}: ${show(answer)}`);
	}
	return answer;
};

const show = ({ status, functionError, payload }: InvokeResult): string =>
	JSON.stringify({ status, functionError, payload });

const pingSmall = async (n: number): Promise<void> => {
	const answer = await small.invoke("api", {
		warmer: true,
		concurrency,
		report: true,
	});
	await small.settle();
	if (typeof answer.payload !== "string" || answer.functionError) {
		problems.small.push(`${n}: ${show(answer)}`);
		return;
	}
	const report = JSON.parse(answer.payload) as WarmupReport;
	if (report.warmed < concurrency) shortOfSmall.push(`${n}: ${answer.payload}`);
};

/** Business requests while a ping is under way; they find environments busy, or have some started. */
const interfere = async (drawn: SoakFault, n: number): Promise<void> => {
	// A process that cannot start cannot serve a business request either.
	if (drawn.ofChildren === "init throws" || random() < 0.5) return;
	await sleep(100 * random());
	await Promise.all([business({ n }), business({ n })]);
};

const pingUnder = async (drawn: SoakFault, n: number): Promise<void> => {
	fault = drawn;
	if (drawn.ofChildren) await writeFile(faultFile, drawn.ofChildren);
	const [pinged] = await Promise.all([ping(lambda, { warmer: true, concurrency }), interfere(drawn, n)]);
	fault = undefined;
	await rm(faultFile, { force: true });
	judge(pinged, drawn, n);
};

const judge = (pinged: Pinged, drawn: SoakFault, n: number): void => {
	const { payload, functionError, billedMs, report } = pinged;
	const ok = payload === "warmed" && !functionError && billedMs < timeoutMs;
	if (!ok) problems.pings.push(`${n} (${drawn.name}): ${show(pinged)}`);
	if (!drawn.isIn(report)) {
		problems.reports.push(`${n} (${drawn.name}): ${JSON.stringify(report)}`);
	}
	const open = openConnections(lambda);
	if (open > 0) problems.connections.push(`${n} (${drawn.name}): ${open}`);
};

/**
 * A business request to every environment, of which the longest-lived one answers last: then it gets the next ping,
 * too. Faults end children, and only an initiator can live through all of them.
 */
const sampleAll = async (
	n: number,
	{ pid, environment }: { pid: number; environment: string },
): Promise<Sample | undefined> => {
	let sample: Sample | undefined;
	let last: string | undefined;
	for (let lingerMs = 100; last !== environment && lingerMs < 2000; ) {
		const alive = lambda.timeline.environments().filter(({ spans }) => spans.at(-1)?.kind === "frozen");
		const answers = await Promise.all(alive.map(() => business({ n, linger: { pid, lingerMs } })));
		await lambda.settle();
		sample = answers.map(({ payload }) => payload as Diagnosis & Sample).find((diagnosis) => diagnosis.pid === pid);
		last = lambda.timeline.events.findLast(({ kind }) => kind === "respond")?.environment;
		lingerMs *= 2;
	}
	return sample;
};

const samples: Sample[] = [];
const run = async (): Promise<boolean> => {
	console.log(`${pings} pings of ${concurrency}, seed ${seed}`);
	await ping(lambda, { warmer: true, concurrency });
	const oldest = await diagnose(lambda);
	const drawn = drawFaults(pings, random);
	for (const [index, one] of drawn.entries()) {
		const n = index + 1;
		await pingUnder(one, n);
		const sample = await sampleAll(n, oldest);
		if (sample) samples.push(sample);
		if (n % smallEvery === 0) await pingSmall(n);
		if (n % 10 === 0) {
			const names = drawn.slice(n - 10, n).map(({ name }) => name);
			console.log(`${n}/${pings}: ${names.join(", ")}`);
		}
	}
	const mib = samples.map(({ memory }) => (memory / 2 ** 20).toFixed(2));
	console.log(`memory of the longest-lived environment, MiB: ${mib.filter((_, i) => i % 10 === 9).join(" ")}`);
	const grown = growth(samples);
	const held = handles(samples);
	const errors = errorsOf(lambda, oldest.environment).map(({ message }) => JSON.stringify(message));
	const checks: [check: string, problems: readonly string[]][] = [
		[`all ${pings} pings were answered in time`, problems.pings],
		["every report has what went wrong", problems.reports],
		[`all ${businessRequests} business requests were answered`, problems.business],
		[`all ${smallPings} pings of 128 MB were answered in time`, problems.small],
		[
			`most of them were complete (all but ${shortOfSmall.length})`,
			// Not all: another job of this machine may take the little time that there is.
			shortOfSmall.length <= smallPings / 4 ? [] : shortOfSmall,
		],
		[`children failed in passing (${passing})`, passing ? [] : ["none did"]],
		["no connection outlived its ping", problems.connections],
		["the longest-lived environment logged no error", errors],
		[
			`it lived through all pings (${samples.length} samples)`,
			samples.length === pings ? [] : [`${samples.length} samples`],
		],
		[
			`its memory is flat (last quarter ÷ second quarter: ${grown.toFixed(4)})`,
			grown <= maxGrowth ? [] : [`more than ${maxGrowth}`],
		],
		[`its handles are the same (${held.join(" | ")})`, held.length === 1 ? [] : held],
	];
	for (const [check, found] of checks) {
		console.log(`${found.length === 0 ? "✓" : "✗"} ${check}`);
		for (const problem of found.slice(0, 5)) console.log(`    ${problem}`);
	}
	const failed = checks.filter(([, found]) => found.length > 0).length;
	console.log(`${checks.length - failed} passed, ${failed} failed`);
	return failed === 0;
};

try {
	if (!(await run())) process.exitCode = 1;
} finally {
	await Promise.all([lambda.stop(), small.stop()]);
	await rm(folder, { recursive: true });
}
