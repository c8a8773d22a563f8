"""The objects that tests of the monitoring rules are made of."""

from __future__ import annotations

ALERT = """\
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata: {name: inference, namespace: ml}
spec:
  groups:
    - name: errors
      rules:
        - alert: HighInferenceErrorRate
          expr: >-
            sum(rate(aurora_inference_errors_total[5m])) / sum(rate(aurora_inference_requests_total[5m])) > 0.05
            and sum(rate(aurora_inference_requests_total[5m])) > 0.1
          for: 5m
          labels: {severity: critical}
          annotations: {summary: More than 5 percent of the requests fail}
"""
LATENCY = """\
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata: {name: latency, namespace: ml}
spec:
  groups:
    - name: latency
      rules:
        - alert: HighInferenceLatency
          expr: >-
            histogram_quantile(0.95,
            sum by (le, track) (rate(aurora_inference_request_duration_seconds_bucket[5m]))) > 1
          for: 5m
          labels: {severity: warning}
          annotations: {summary: The slowest 5 percent of requests take more than a second}
"""
DOWN = """\
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata: {name: down, namespace: ml}
spec:
  groups:
    - name: down
      rules:
        - alert: MLflowDown
          expr: absent(up{job="mlflow"} == 1)
          for: 2m
          labels: {severity: critical}
          annotations: {summary: MLflow is down}
"""
RECORD = """\
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata: {name: records, namespace: ml}
spec:
  groups:
    - name: records
      rules:
        - record: track:aurora_inference_requests:rate5m
          expr: sum by (track) (rate(aurora_inference_requests_total[5m]))
"""
DASHBOARD = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: inference, namespace: monitoring, labels: {grafana_dashboard: "1"}}
data:
  inference.json: |
    {"uid": "aurora-inference", "title": "Inference",
     "templating": {"list": [{"name": "datasource", "type": "datasource", "query": "prometheus"}]},
     "panels": [{"datasource": {"type": "prometheus", "uid": "${datasource}"},
                 "targets": [{"expr": "sum(rate(aurora_inference_requests_total[$__rate_interval]))"}]}]}
"""
