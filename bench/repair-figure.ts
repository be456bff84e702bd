/**
 * Draws a ping whose first round fell short, and its repair, from a real run on the local Lambda: it pings one function
 * until that happens. Writes docs/repair.svg, and the paragraph in docs/verified-warming.md that explains it.
 */

import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { DELIVERY_MODELS } from "../cli/delivery-models.js";
import { type Moment, timelineOf } from "../cli/timeline-model.js";
import { drawFigure } from "../cli/timeline-svg.js";
import { type LocalLambda, startLocalLambda } from "../local-lambda/index.js";
import { replacePart } from "../scripts/lib/markdown.js";
import type { WarmupReport } from "../src/index.js";

const concurrency = 5;
const MAX_PINGS = 200;

/** When each round was sent and its hold ended, by the local Lambda's clock. */
const momentsOf = ({ invocations, timeline }: LocalLambda): Moment[] => {
	const [initiator, ...children] = invocations;
	const moments = [{ time: initiator?.acceptedAt ?? 0, step: 1, label: "ping" }];
	for (let round = 1; children.length > 0; round++) {
		const [first] = children.splice(0, concurrency - 1);
		if (!first) break;
		const { __WARMER_UNTIL__: until } = first.payload as {
			__WARMER_UNTIL__: number;
		};
		const ends = until - Date.now() + timeline.now();
		moments.push(
			{ time: first.acceptedAt, step: 1, label: `round ${round}` },
			{ time: ends, step: 1, label: "hold ends" },
		);
	}
	return moments;
};

const inDocs = (name: string): string => fileURLToPath(new URL(`../docs/${name}`, import.meta.url));

const list = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(" and ");

const { median, p99 } = DELIVERY_MODELS.typical.RequestResponse;
await using lambda = await startLocalLambda({
	functions: { api: { handler: new URL("./handlers/ours.mjs", import.meta.url), timeoutMs: 30_000 } },
	seed: 1,
	delivery: DELIVERY_MODELS.typical,
});
for (let ping = 1; ping <= MAX_PINGS; ping++) {
	lambda.reset();
	const { payload } = await lambda.invoke("api", { warmer: true, concurrency, report: true });
	await lambda.settle();
	const report: WarmupReport = JSON.parse(String(payload));
	if (report.warmed !== concurrency) continue;
	const served = lambda.invocations.slice(0, concurrency).map(({ environment = "" }) => environment);
	const reached = new Set(served).size;
	// The text describes exactly one late child.
	if (report.rounds !== 2 || reached !== concurrency - 1) continue;
	const data = {
		ping,
		requested: concurrency,
		initiator: served[0] ?? "",
		reached,
		/** Served two children of round 1. */
		shared: served.filter((name, index) => served.indexOf(name) !== index),
		/** Served no child of round 1. */
		missed: lambda.timeline
			.environments()
			.map(({ name }) => name)
			.filter((name) => !served.includes(name)),
		hold: report.delay,
	};
	const svg = drawFigure({
		title: "A round that fell short, and its repair",
		subtitle: [
			`Round 1 reached ${reached} of ${concurrency} environments. Round 2, with a hold of ${report.delay} ms, reached all ${concurrency}.`,
			`Measured on the local Lambda (delivery: median ${median} ms, p99 ${p99} ms).`,
		],
		timelines: [timelineOf(lambda, momentsOf(lambda))],
		data,
	});
	await writeFile(inDocs("repair.svg"), `${svg}\n`);
	await replacePart(
		inDocs("verified-warming.md"),
		"repair",
		`${list([data.initiator])} is the initiator. In round 1, one child arrives after ${list(data.shared)} has finished its hold, so the same environment serves it too, and ${list(data.missed)} receives none. The initiator counts ${reached} of ${concurrency} ids. In round 2, with a hold of ${report.delay} ms, all ${concurrency} environments are busy at the same moment.`,
	);
	console.log(`Drew docs/repair.svg: ${JSON.stringify(data)}`);
	break;
}
