/** A handler that logs how much processor time (ms) its environment spends on each invocation. */
export const measured = (handler) => async (event, context) => {
	const before = process.cpuUsage();
	const answer = await handler(event, context);
	const { user, system } = process.cpuUsage(before);
	console.log({ action: "cpu", ms: (user + system) / 1000 });
	return answer;
};
