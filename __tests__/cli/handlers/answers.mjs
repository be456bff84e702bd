/** Logs each event, and returns the variable `ANSWER`. */
export const handler = async (event) => {
	console.log(event);
	if (process.env.ANSWER === undefined) throw new Error("no answer");
	return process.env.ANSWER;
};
