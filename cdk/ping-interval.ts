const MINUTES = { minute: 1, hour: 60, day: 24 * 60 } as const;

/**
 * The shortest time between two pings of an EventBridge Scheduler expression, in minutes.
 *
 * @returns `undefined` if the expression does not tell: a one-time schedule, or an unknown form
 */
export function minutesBetweenPings(expression: string): number | undefined {
	const rate = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression);
	if (rate) return Number(rate[1]) * MINUTES[rate[2] as keyof typeof MINUTES];

	const cron = /^cron\((\S+) (\S+) .+\)$/.exec(expression);
	if (!cron) return undefined;
	const [, minutes = "", hours = ""] = cron;
	const pings = minutesOfTheHour(minutes);
	const first = pings?.[0];
	if (!pings || first === undefined) return undefined;

	// In hours that follow on each other, the last ping of one is followed by the first of the next.
	if (hours === "*" || hours.includes("-")) pings.push(first + 60);
	let shortest = 60;
	for (const [i, minute] of pings.entries()) {
		const previous = pings[i - 1];
		if (previous !== undefined)
			shortest = Math.min(shortest, minute - previous);
	}
	return shortest;
}

// The minutes field of a cron expression: `*`, `5`, `0-20`, each with an optional `/step`, in a list.
function minutesOfTheHour(field: string): number[] | undefined {
	const minutes = new Set<number>();
	for (const part of field.split(",")) {
		const match = /^(?:\*|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part);
		if (!match) return undefined;
		const [, from = "0", to, step] = match;
		const single =
			match[1] !== undefined && to === undefined && step === undefined;
		const last = single ? Number(from) : Number(to ?? 59);
		for (
			let minute = Number(from);
			minute <= last;
			minute += Number(step ?? 1) || 60
		) {
			minutes.add(minute);
		}
	}
	return [...minutes].sort((a, b) => a - b);
}
