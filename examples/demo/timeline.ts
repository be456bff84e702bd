import type { LocalLambda, TimelineSpan } from "../../local-lambda/index.js";

/** What an environment does at a time. */
export type Activity = "init" | "ping" | "request" | "frozen";

/** The activities as both drawings name them, in the order of an environment's life. */
export const activities: Readonly<Record<Activity, string>> = {
	init: "initialisation",
	ping: "ping and hold",
	request: "business request",
	frozen: "frozen",
};

/** Times in ms since the first environment was started. */
export interface Span {
	activity: Activity;
	start: number;
	end: number;
}

/** The life of one environment. */
export interface Row {
	environment: string;
	spans: Span[];
}

/** Something that the demo did. */
export interface Moment {
	time: number;
	/** Its number in the demo's story. */
	step: number;
	label: string;
}

/** What a drawing of the environments shows. */
export interface Timeline {
	rows: Row[];
	moments: Moment[];
	/** When the drawing ends (ms). */
	end: number;
}

/**
 * What the environments of a local Lambda have done until now.
 *
 * @param moments by the local Lambda's clock
 */
export const timelineOf = (
	lambda: LocalLambda,
	moments: readonly Moment[],
): Timeline => {
	const origin = lambda.timeline.events[0]?.time ?? 0;
	const pings = new Set(
		lambda.invocations
			.filter(({ payload }) => isPing(payload))
			.map(({ requestId }) => requestId),
	);
	const activityOf: Record<TimelineSpan["kind"], (id?: string) => Activity> = {
		init: () => "init",
		invoke: (id = "") => (pings.has(id) ? "ping" : "request"),
		frozen: () => "frozen",
		idle: () => "frozen",
	};
	return {
		rows: lambda.timeline.environments().map(({ name, spans }) => ({
			environment: name,
			spans: spans.map(({ kind, start, end, requestId }) => ({
				activity: activityOf[kind](requestId),
				start: start - origin,
				end: end - origin,
			})),
		})),
		moments: moments.map((moment) => ({
			...moment,
			time: Math.max(0, moment.time - origin),
		})),
		end: lambda.timeline.now() - origin,
	};
};

const isPing = (payload: unknown): boolean =>
	(payload as { warmer?: unknown } | undefined)?.warmer === true;
