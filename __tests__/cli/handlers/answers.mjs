/** Answers as it is told, and says what it was asked. */
export const handler = async (event) => {
	console.log(event);
	if (process.env.ANSWER === undefined) throw new Error("no answer");
	return process.env.ANSWER;
};
