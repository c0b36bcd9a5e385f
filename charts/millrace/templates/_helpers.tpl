{{/* What all names begin with: the release's name, with the chart's unless that is in it. */}}
{{- define "millrace.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 53 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 53 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "millrace.operator" -}}
{{ include "millrace.fullname" . }}-operator
{{- end -}}

{{- define "millrace.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "millrace.operator" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* The labels that the Deployment and monitors select by; they never change. */}}
{{- define "millrace.selector" -}}
app.kubernetes.io/name: millrace-operator
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "millrace.labels" -}}
{{ include "millrace.selector" . }}
app.kubernetes.io/component: operator
app.kubernetes.io/part-of: millrace
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* An image's full name: (list values chart's-appVersion). */}}
{{- define "millrace.image" -}}
{{- $image := index . 0 -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $image.repository $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $image.repository (default (index . 1) $image.tag) -}}
{{- end -}}
{{- end -}}

{{/* The webhook's Service, configuration, roles and certificate. */}}
{{- define "millrace.webhook" -}}
{{ include "millrace.fullname" . }}-webhook
{{- end -}}

{{/* Two Secrets, so that neither way to keep a certificate finds the other's. */}}
{{- define "millrace.webhookSecret" -}}
{{ include "millrace.webhook" . }}-{{ ternary "cert-manager" "certificate" .Values.webhook.certManager.enabled }}
{{- end -}}

{{/* The names by which the API server calls. */}}
{{- define "millrace.webhookNames" -}}
{{- $name := include "millrace.webhook" . -}}
{{- printf "%s.%s.svc,%s.%s.svc.cluster.local" $name .Release.Namespace $name .Release.Namespace -}}
{{- end -}}
