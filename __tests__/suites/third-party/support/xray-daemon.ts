import { createSocket } from "node:dgram";
import { once } from "node:events";

/** A segment document, as far as the tests read it. */
interface SegmentDocument {
	name: string;
	trace_id: string;
	in_progress?: boolean;
	annotations?: Record<string, unknown>;
	subsegments?: SegmentDocument[];
}

/** A stand-in for the X-Ray daemon: takes what the SDK sends by UDP. */
export interface XRayDaemon {
	/** For `AWS_XRAY_DAEMON_ADDRESS`, which the SDK reads when it is loaded. */
	readonly address: string;
	/** The next `count` documents, in the order of their coming. */
	take(count: number): Promise<SegmentDocument[]>;
	/** Documents that have come and were not taken. */
	readonly untaken: readonly SegmentDocument[];
	close(): Promise<void>;
}

/** Starts a stand-in for the X-Ray daemon on a free port of the loopback interface. */
export const startXRayDaemon = async (): Promise<XRayDaemon> => {
	const untaken: SegmentDocument[] = [];
	const socket = createSocket("udp4");
	socket.on("message", (message) => {
		// A line with the format's version comes first.
		untaken.push(JSON.parse(message.toString().split("\n")[1] ?? ""));
	});
	socket.bind(0, "127.0.0.1");
	await once(socket, "listening");
	return {
		address: `127.0.0.1:${socket.address().port}`,
		untaken,
		async take(count) {
			while (untaken.length < count) await once(socket, "message");
			return untaken.splice(0, count);
		},
		close: () => new Promise((resolve) => socket.close(() => resolve())),
	};
};
