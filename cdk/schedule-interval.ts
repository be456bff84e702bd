const MINUTES_PER_UNIT: Record<string, number> = { minute: 1, hour: 60, day: 24 * 60 };

/** Times between two consecutive pings, in minutes; `NaN` or infinite where the schedule does not determine them. */
export interface ScheduleIntervals {
	readonly shortestMinutes: number;
	readonly longestMinutes: number;
}

/** Reads an EventBridge Scheduler expression. One-time schedules and unknown forms determine no interval. */
export function scheduleIntervals(expression: string): ScheduleIntervals {
	const [kind, first, second, ...days] = expression.split(/[( )]/);
	if (kind === "rate") {
		const unit = MINUTES_PER_UNIT[`${second}`.replace("s", "")];
		const minutes = Number(first) * Number(unit);
		return { shortestMinutes: minutes, longestMinutes: minutes };
	}

	const minutes = cronValues(`${first}`, 60);
	const pings = cronValues(`${second}`, 24).flatMap((hour) => minutes.map((minute) => hour * 60 + minute));
	const gaps = [...pings, Number(pings[0]) + 24 * 60].map((ping, i, all) => ping - Number(all[i - 1])).slice(1);
	const isDaily = days.every((field) => /^[*?]?$/.test(field));
	return {
		shortestMinutes: Math.min(...gaps),
		longestMinutes: isDaily ? Math.max(...gaps) : Number.POSITIVE_INFINITY,
	};
}

/** Lists the values of a cron field below a limit: `*`, `5` or `0-20`, each with an optional `/step`, in a list. */
function cronValues(field: string, limit: number): number[] {
	const parts = field
		.split(",")
		.map((part) => /^(\d+)(?:-(\d+))?(?:\/(\d+))?$/.exec(part.replace("*", `0-${limit}`)))
		.filter((part) => part !== null);
	return Array.from({ length: limit }, (_, value) => value).filter((value) =>
		parts.some(([, from, to, step]) => {
			const last = to ?? (step ? limit : from);
			return value >= Number(from) && value <= Number(last) && (value - Number(from)) % Number(step ?? 1) === 0;
		}),
	);
}
