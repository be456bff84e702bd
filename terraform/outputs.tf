output "target_arn" {
  description = "What the schedule pings, and the function may invoke."
  value       = local.target_arn
}

output "ping" {
  description = "The ping, as JSON."
  value       = jsonencode(local.ping)
}

output "schedule_arn" {
  description = "The ARN of the schedule."
  value       = aws_scheduler_schedule.this.arn
}

output "scheduler_role_arn" {
  description = "The ARN of the scheduler's role."
  value       = aws_iam_role.scheduler.arn
}

output "coverage_alarm_arn" {
  description = "The ARN of the alarm on coverage, if alarm asked for one."
  value       = one(aws_cloudwatch_metric_alarm.coverage[*].arn)
}

output "silence_alarm_arn" {
  description = "The ARN of the alarm on silence, if alarm.silence_hours asked for one."
  value       = one(aws_cloudwatch_metric_alarm.silence[*].arn)
}
