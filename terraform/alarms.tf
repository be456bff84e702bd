locals {
  namespace     = "middy-lambda-warmer"
  report        = "($.message.action = \"warmer-report\") && ($.message.skipped NOT EXISTS)"
  silence_hours = try(var.alarm.silence_hours, null)

  metrics = {
    # A field can only become the metric's value if the pattern names it.
    warmed    = { pattern = "{ ${local.report} && ($.message.warmed = \"*\") }", value = "$.message.warmed" }
    requested = { pattern = "{ ${local.report} && ($.message.requested = \"*\") }", value = "$.message.requested" }
    # With `verify: false`, a ping for one environment logs a record only.
    pings = {
      pattern = "{ (${local.report}) || (($.message.action = \"warmer\") && ($.message.concurrency = 1)) }"
      value   = "1"
    }
  }
}

resource "aws_cloudwatch_log_metric_filter" "this" {
  for_each = { for name, metric in local.metrics : name => metric if var.alarm != null }

  name           = "${local.name}-${each.key}"
  log_group_name = var.alarm.log_group_name
  pattern        = each.value.pattern

  metric_transformation {
    namespace = local.namespace
    name      = "${local.name}-${each.key}"
    value     = each.value.value
  }
}

resource "aws_cloudwatch_metric_alarm" "coverage" {
  count = var.alarm == null ? 0 : 1

  alarm_name          = "${local.name}-coverage"
  alarm_description   = "Pings reach too few execution environments of ${var.function.function_name}"
  alarm_actions       = var.alarm.actions
  comparison_operator = "LessThanThreshold"
  threshold           = var.alarm.minimum_coverage
  evaluation_periods  = 1
  # Pings that stop are for the other alarm.
  treat_missing_data = "notBreaching"

  metric_query {
    id          = "coverage"
    label       = "coverage"
    expression  = "warmed / requested"
    return_data = true
  }

  metric_query {
    id = "warmed"

    metric {
      namespace   = local.namespace
      metric_name = "${local.name}-warmed"
      stat        = "Sum"
      period      = 3600
    }
  }

  metric_query {
    id = "requested"

    metric {
      namespace   = local.namespace
      metric_name = "${local.name}-requested"
      stat        = "Sum"
      period      = 3600
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "silence" {
  count = local.silence_hours == null ? 0 : 1

  alarm_name          = "${local.name}-silence"
  alarm_description   = "No ping has warmed ${var.function.function_name} for ${local.silence_hours} hour(s)"
  alarm_actions       = var.alarm.actions
  namespace           = local.namespace
  metric_name         = "${local.name}-pings"
  statistic           = "Sum"
  period              = 3600
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  evaluation_periods  = local.silence_hours
  treat_missing_data  = "breaching"
}
