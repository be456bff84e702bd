/**
 * The environments of a function, as Lambda keeps them, in virtual time. Pure.
 *
 * @module
 */

import { createEnvironment, type Environment } from "../src/environment.js";

/** From the least to the most; drawn at random for each environment. */
export type Range = readonly [least: number, most: number];

/** How Lambda treats environments. AWS documents none of it. */
export interface PoolAssumptions {
	/** Which idle environment an invocation gets: the one used last, or any. */
	readonly reuse: "recent" | "any";
	/** How long an environment may be idle (ms). */
	readonly idleMs: Range;
	/** How long an environment exists, however busy it is (ms). */
	readonly lifetimeMs: Range;
	/** How long a cold start takes (ms). */
	readonly initMs: number;
}

/** An environment, and what the middleware in it has recorded. */
export interface PooledEnvironment {
	readonly idleMs: number;
	/** When Lambda ends it (epoch ms). */
	endsAt: number;
	/** When it is initialized and has served its last invocation (epoch ms). */
	freeAt: number;
	readonly recording: Environment;
}

/** @param random returns numbers from 0 (included) to 1 (excluded) */
export const createPool = ({ reuse, idleMs, lifetimeMs, initMs }: PoolAssumptions, random: () => number) => {
	const draw = ([least, most]: Range) => least + (most - least) * random();
	/** In the order in which they became idle. */
	let idle: PooledEnvironment[] = [];
	const busy: PooledEnvironment[] = [];

	const isAlive = ({ endsAt, freeAt, idleMs }: PooledEnvironment, now: number) =>
		now < endsAt && now - freeAt <= idleMs;

	const takeIdle = (): PooledEnvironment | undefined => {
		const last = idle.pop();
		if (reuse === "recent" || last === undefined) return last;
		const index = Math.floor(random() * (idle.length + 1));
		const chosen = idle[index] ?? last;
		if (chosen !== last) idle[index] = last;
		return chosen;
	};

	return {
		/** Takes an idle environment; undefined if there is none. */
		take(now: number): PooledEnvironment | undefined {
			for (let first = busy[0]; first !== undefined && first.freeAt <= now; first = busy[0]) {
				removeFirst(busy);
				if (first.freeAt < first.endsAt) idle.push(first);
			}
			for (let taken = takeIdle(); taken !== undefined; taken = takeIdle()) {
				if (isAlive(taken, now)) return taken;
			}
			return undefined;
		},
		/** Starts an environment. */
		start(now: number): PooledEnvironment {
			const freeAt = now + initMs;
			return { idleMs: draw(idleMs), endsAt: now + draw(lifetimeMs), freeAt, recording: createEnvironment(freeAt) };
		},
		/** Keeps an environment that was taken or started busy until `until` (epoch ms). */
		occupy(environment: PooledEnvironment, until: number): void {
			environment.freeAt = until;
			insert(busy, environment);
		},
		/** Makes environments idle again that were taken or started; the last of them counts as used last. */
		release(environments: readonly PooledEnvironment[]): void {
			idle.push(...environments);
		},
		/** Frees the memory of environments that Lambda has ended. */
		sweep(now: number): void {
			idle = idle.filter((environment) => isAlive(environment, now));
		},
		/** A deployment: idle environments end immediately, busy ones after their invocation. */
		replaceAll(): void {
			idle = [];
			for (const environment of busy) environment.endsAt = 0;
		},
	};
};

/** A function's environments; see `createPool`. */
export type Pool = ReturnType<typeof createPool>;

/** Adds to a binary heap: no environment is free earlier than its parent. */
const insert = (heap: PooledEnvironment[], added: PooledEnvironment): void => {
	let index = heap.length;
	while (index > 0) {
		const parentIndex = (index - 1) >> 1;
		const parent = heap[parentIndex] as PooledEnvironment;
		if (parent.freeAt <= added.freeAt) break;
		heap[index] = parent;
		index = parentIndex;
	}
	heap[index] = added;
};

/** Removes the environment of a binary heap that is free first. */
const removeFirst = (heap: PooledEnvironment[]): void => {
	const moved = heap.pop() as PooledEnvironment;
	if (heap.length === 0) return;
	let index = 0;
	for (let child = 1; child < heap.length; child = 2 * index + 1) {
		const [left, right] = [heap[child] as PooledEnvironment, heap[child + 1]];
		if (right !== undefined && right.freeAt < left.freeAt) child++;
		const earlier = heap[child] as PooledEnvironment;
		if (earlier.freeAt >= moved.freeAt) break;
		heap[index] = earlier;
		index = child;
	}
	heap[index] = moved;
};
