/**
 * `start`: a cold start began, including `coldStartMs`; `spawn`: the process exists; `ready`: it polled for the first
 * time; `invoke`, `respond`: an invocation was handed to it, and ended; `freeze` and `thaw`, or `idle` without freezing:
 * between invocations; `exit`: the environment is gone, and `label` says why.
 */
export type TimelineEventKind =
	| "start"
	| "spawn"
	| "ready"
	| "invoke"
	| "respond"
	| "freeze"
	| "thaw"
	| "idle"
	| "exit";

/** Something that happened to an environment. */
export interface TimelineEvent {
	/** In ms since the start of the local Lambda. */
	time: number;
	kind: TimelineEventKind;
	environment: string;
	functionName: string;
	version: string;
	pid?: number;
	requestId?: string;
	/** Of `respond`: the error type of a function error. Of `exit`: the reason. */
	label?: string;
}

/** A stretch of an environment's life. Times in ms since the start of the local Lambda. */
export interface TimelineSpan {
	kind: "init" | "invoke" | "frozen" | "idle";
	start: number;
	/** For a span that has not ended: now. */
	end: number;
	requestId?: string;
	/** The error type of a failed invocation, or why the environment is gone. */
	label?: string;
}

/** The life of one environment. */
export interface EnvironmentTimeline {
	name: string;
	functionName: string;
	version: string;
	pid?: number;
	spans: TimelineSpan[];
}

const SPAN_OF: { [kind in TimelineEventKind]?: TimelineSpan["kind"] } = {
	start: "init",
	invoke: "invoke",
	freeze: "frozen",
	idle: "idle",
};

/** When environments were started, invoked, frozen and reused. */
export class Timeline {
	/** In the order in which they happened. */
	readonly events: TimelineEvent[] = [];
	readonly #origin = performance.now();

	/** Time in ms since the start of the local Lambda. */
	now(): number {
		return performance.now() - this.#origin;
	}

	/** Records an event. Default time: now. */
	push(event: Omit<TimelineEvent, "time">, time = this.now()): void {
		this.events.push({ time, ...event });
	}

	/** The events of each environment as spans, in the order of the environments' starts. */
	environments(): EnvironmentTimeline[] {
		const environments = new Map<string, EnvironmentTimeline>();
		const open = new Map<string, TimelineSpan>();
		for (const event of this.events) {
			const { environment: name, functionName, version } = event;
			const environment = environments.get(name) ?? { name, functionName, version, spans: [] };
			environments.set(name, environment);
			if (event.pid !== undefined) environment.pid = event.pid;
			if (event.kind === "spawn") continue;
			const ended = open.get(name);
			if (ended) {
				ended.end = event.time;
				if (event.label !== undefined) ended.label = event.label;
				open.delete(name);
			}
			const kind = SPAN_OF[event.kind];
			if (!kind) continue;
			const span: TimelineSpan = { kind, start: event.time, end: event.time };
			if (event.requestId !== undefined) span.requestId = event.requestId;
			environment.spans.push(span);
			open.set(name, span);
		}
		for (const span of open.values()) span.end = this.now();
		return [...environments.values()];
	}
}
