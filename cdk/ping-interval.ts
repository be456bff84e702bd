const MINUTES: Record<string, number> = { minute: 1, hour: 60, day: 24 * 60 };

/**
 * The times between two pings that follow each other, in minutes; `NaN` or infinite where the schedule does not tell.
 */
export interface PingIntervals {
	readonly shortest: number;
	readonly longest: number;
}

/** Reads an EventBridge Scheduler expression. A one-time schedule and an unknown form do not tell. */
export function pingIntervals(expression: string): PingIntervals {
	const [kind, first, second, ...days] = expression.split(/[( )]/);
	if (kind === "rate") {
		const unit = MINUTES[`${second}`.replace("s", "")];
		const minutes = Number(first) * Number(unit);
		return { shortest: minutes, longest: minutes };
	}

	const minutes = values(`${first}`, 60);
	const pings = values(`${second}`, 24).flatMap((hour) => minutes.map((minute) => hour * 60 + minute));
	const gaps = [...pings, Number(pings[0]) + 24 * 60].map((ping, i, all) => ping - Number(all[i - 1])).slice(1);
	const isDaily = days.every((field) => /^[*?]?$/.test(field));
	return { shortest: Math.min(...gaps), longest: isDaily ? Math.max(...gaps) : Number.POSITIVE_INFINITY };
}

// The values of a cron field below a limit: `*`, `5`, `0-20`, each with an optional `/step`, in a list.
function values(field: string, limit: number): number[] {
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
