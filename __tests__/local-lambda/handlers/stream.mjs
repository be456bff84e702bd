/* global awslambda */
export const handler = awslambda.streamifyResponse(async (event, responseStream) => {
	const stream = event.prelude ? awslambda.HttpResponseStream.from(responseStream, event.prelude) : responseStream;
	stream.write("one ");
	if (event.throw) throw new RangeError(event.throw);
	stream.write("two");
	await new Promise((resolve) => stream.end(resolve));
});
