package webhook

import (
	"context"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	ctrladmission "sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/admission"
)

// decode reads the objects of a request; old is nil for a new object.
func decode[T any, P interface {
	*T
	runtime.Object
}](h *Hook, req *ctrladmission.Request) (now, old P, err error) {
	now = new(T)
	if err := h.decoder.DecodeRaw(req.Object, now); err != nil {
		return nil, nil, err
	}
	if len(req.OldObject.Raw) == 0 {
		return now, nil, nil
	}
	old = new(T)
	return now, old, h.decoder.DecodeRaw(req.OldObject, old)
}

// Job answers about a StreamJob, or its scale.
func (h *Hook) Job(ctx context.Context, req ctrladmission.Request) ctrladmission.Response {
	if req.SubResource == "scale" {
		return h.scale(ctx, req)
	}
	now, old, err := decode[v1alpha1.StreamJob](h, &req)
	if err != nil {
		return unread(err)
	}
	return respond(&req, h.decide(ctx, func(ctx context.Context, from client.Reader, judge *admission.Judge) (admission.Answer, error) {
		if admission.Settled(now) {
			return admission.Answer{}, nil
		}
		topics, err := topicsOf(ctx, from, req.Namespace)
		if err != nil {
			return admission.Answer{}, err
		}
		running, err := h.running(ctx, from, old)
		if err != nil {
			return admission.Answer{}, err
		}
		return judge.Job(now, old, topics, running), nil
	}))
}

func (h *Hook) scale(ctx context.Context, req ctrladmission.Request) ctrladmission.Response {
	now, _, err := decode[autoscalingv1.Scale](h, &req)
	if err != nil {
		return unread(err)
	}
	return respond(&req, h.decide(ctx, func(ctx context.Context, from client.Reader, judge *admission.Judge) (admission.Answer, error) {
		job := &v1alpha1.StreamJob{}
		if err := from.Get(ctx, client.ObjectKey{Namespace: req.Namespace, Name: req.Name}, job); err != nil {
			return admission.Answer{}, err
		}
		topics, err := topicsOf(ctx, from, req.Namespace)
		if err != nil {
			return admission.Answer{}, err
		}
		running, err := h.running(ctx, from, job)
		if err != nil {
			return admission.Answer{}, err
		}
		return judge.Scale(job, now.Spec.Replicas, topics, running), nil
	}))
}

func (h *Hook) topic(ctx context.Context, req ctrladmission.Request) ctrladmission.Response {
	now, old, err := decode[v1alpha1.StreamTopic](h, &req)
	if err != nil {
		return unread(err)
	}
	return respond(&req, h.decide(ctx, func(ctx context.Context, from client.Reader, judge *admission.Judge) (admission.Answer, error) {
		if admission.Settled(now) {
			return admission.Answer{}, nil
		}
		topics, err := topicsOf(ctx, from, req.Namespace)
		if err != nil {
			return admission.Answer{}, err
		}
		readers, err := h.readers(ctx, from, now)
		if err != nil {
			return admission.Answer{}, err
		}
		return judge.Topic(now, old, topics, readers), nil
	}))
}

func (h *Hook) connection(ctx context.Context, req ctrladmission.Request) ctrladmission.Response {
	now, old, err := decode[v1alpha1.KafkaConnection](h, &req)
	if err != nil {
		return unread(err)
	}
	return respond(&req, h.decide(ctx, func(ctx context.Context, from client.Reader, judge *admission.Judge) (admission.Answer, error) {
		var jobs v1alpha1.StreamJobList
		if old != nil {
			if err := from.List(ctx, &jobs, client.InNamespace(req.Namespace)); err != nil {
				return admission.Answer{}, err
			}
		}
		return judge.Connection(now, old, jobs.Items), nil
	}))
}
