import type { LocalLambda, TimelineSpan } from "../local-lambda/index.js";

/** What an environment does during a span. */
export type Activity = "init" | "ping" | "request" | "idle";

/** The label of each activity in both drawings, in the order of an environment's life. */
export const ACTIVITY_LABELS: Readonly<Record<Activity, string>> = {
	init: "initialization",
	ping: "ping and hold",
	request: "request",
	idle: "idle (frozen)",
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

/** When a step of the trial began. */
export interface Moment {
	/** In ms since the first environment was started. */
	time: number;
	/** Number of the step. */
	step: number;
	label: string;
}

/** What the environments of one function did. */
export interface Timeline {
	/** Headline, for a drawing of several timelines. */
	title?: string;
	rows: Row[];
	moments: Moment[];
	/** Duration in ms. */
	end: number;
}

/** The activities that occur in these timelines, in the order of an environment's life. */
export const presentActivities = (timelines: readonly Timeline[]): Activity[] => {
	const present = new Set(
		timelines.flatMap(({ rows }) => rows.flatMap(({ spans }) => spans.map(({ activity }) => activity))),
	);
	return (Object.keys(ACTIVITY_LABELS) as Activity[]).filter((activity) => present.has(activity));
};

/**
 * What the environments of a local Lambda have done so far.
 *
 * @param moments with times of the local Lambda's clock
 * @param flag the event field that marks a ping
 */
export const timelineOf = (lambda: LocalLambda, moments: readonly Moment[], flag = "warmer"): Timeline => {
	const origin = lambda.timeline.events[0]?.time ?? 0;
	const pings = new Set(
		lambda.invocations.filter(({ payload }) => isPing(payload, flag)).map(({ requestId }) => requestId),
	);
	const activityOf = ({ kind, requestId = "" }: TimelineSpan): Activity => {
		if (kind !== "invoke") return kind === "init" ? "init" : "idle";
		return pings.has(requestId) ? "ping" : "request";
	};
	return {
		rows: lambda.timeline.environments().map(({ name, spans }) => ({
			environment: name,
			spans: withoutGaps(
				spans.map((span) => ({ activity: activityOf(span), start: span.start - origin, end: span.end - origin })),
			),
		})),
		moments: moments.map((moment) => ({ ...moment, time: Math.max(0, moment.time - origin) })),
		end: lambda.timeline.now() - origin,
	};
};

/** A process is frozen a few ms after its answer: the environment is idle from the answer on. */
const withoutGaps = (spans: readonly Span[]): Span[] => {
	const filled: Span[] = [];
	for (const span of spans) {
		// Without a start, the environment existed before.
		const lastEnd = filled.at(-1)?.end ?? (span.activity === "init" ? span.start : 0);
		if (span.activity === "idle") {
			filled.push({ ...span, start: lastEnd });
			continue;
		}
		if (span.start > lastEnd) filled.push({ activity: "idle", start: lastEnd, end: span.start });
		filled.push(span);
	}
	return filled;
};

const isPing = (payload: unknown, flag: string): boolean =>
	(payload as Record<string, unknown> | null | undefined)?.[flag] === true;
