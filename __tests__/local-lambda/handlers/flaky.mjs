let calls = 0;

/** Fails until it has been called often enough, in one environment. */
export const handler = async ({ succeedsAt }) => {
	calls += 1;
	if (calls < succeedsAt) throw new Error(`call ${calls}`);
	return calls;
};
