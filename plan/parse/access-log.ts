/**
 * Access logs: the common and the combined format of web servers, and that of AWS's Application Load Balancers. Pure.
 *
 * @module
 */

import type { RecordReader } from "./csv.js";
import { splitRecord } from "./csv.js";
import { parseAccessLogTime, parseTimestamp } from "./time.js";

/** `127.0.0.1 - - [28/Nov/2026:14:03:22 +0000] "GET / HTTP/1.1" 200 123` */
export const COMMON_LOG = /^\S+ .*\[\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] "/;

/** Reads a line of the common or the combined format, which has no duration. */
export const readCommonLog: RecordReader = (line, request) => {
	const start = line.indexOf("[");
	request.at = parseAccessLogTime(line.slice(start + 1, line.indexOf("]", start)));
	if (start < 0 || Number.isNaN(request.at)) return "no time in brackets";
	request.durationMs = Number.NaN;
	request.initMs = Number.NaN;
	request.functionName = "";
	return undefined;
};

/** `https 2026-11-28T14:03:22.123456Z app/name/id 192.0.2.1:2817 - 0.000 0.043 0.000 200 200 34 366 "GET …` */
export const ALB_LOG = /^(http|https|h2|grpcs|ws|wss) \d{4}-\d\d-\d\dT\S+Z app\//;

/** The fields of a load balancer's line that count. */
const TARGET_PROCESSING_TIME = 6;
const TARGET_GROUP = 16;
const CREATION_TIME = 21;

/** Reads a line of an Application Load Balancer, which logs a request when it ends. */
export const readAlbLog: RecordReader = (line, request) => {
	const fields = splitRecord(line, " ");
	request.at = parseTimestamp(fields[CREATION_TIME] ?? "");
	if (Number.isNaN(request.at)) return "no request_creation_time";
	const seconds = Number(fields[TARGET_PROCESSING_TIME]);
	// -1 if the target did not answer.
	request.durationMs = seconds >= 0 ? 1000 * seconds : Number.NaN;
	request.initMs = Number.NaN;
	request.functionName = fields[TARGET_GROUP] ?? "";
	return undefined;
};
