const MINUTES: Record<string, number> = { minute: 1, hour: 60, day: 24 * 60 };

/**
 * The shortest time between two pings of an EventBridge Scheduler expression, in minutes.
 *
 * @returns `NaN` or `Infinity` if the expression does not tell: a one-time schedule, or an unknown form
 */
export function minutesBetweenPings(expression: string): number {
	const [kind, first, second] = expression.split(/[( )]/);
	if (kind === "rate")
		return Number(first) * Number(MINUTES[`${second}`.replace("s", "")]);

	const minutes = values(`${first}`, 60);
	const pings = values(`${second}`, 24).flatMap((hour) =>
		minutes.map((minute) => hour * 60 + minute),
	);
	const nextDay = pings.map((ping) => ping + 24 * 60);
	return Math.min(
		...[...pings, ...nextDay]
			.map((ping, i, all) => ping - Number(all[i - 1]))
			.slice(1),
	);
}

// The values of a cron field below a limit: `*`, `5`, `0-20`, each with an optional `/step`, in a list.
function values(field: string, limit: number): number[] {
	const parts = field
		.split(",")
		.map((part) =>
			/^(\d+)(?:-(\d+))?(?:\/(\d+))?$/.exec(part.replace("*", `0-${limit}`)),
		);
	return Array.from({ length: limit }, (_, value) => value).filter((value) =>
		parts.some((part) => {
			const [, from, to, step] = part ?? [];
			const last = to ?? (step ? limit : from);
			return (
				value >= Number(from) &&
				value <= Number(last) &&
				(value - Number(from)) % Number(step ?? 1) === 0
			);
		}),
	);
}
