"""Serves one model over HTTP, with metrics for Prometheus."""

import os
import time
from contextlib import asynccontextmanager

import uvicorn
from fastapi import Body, FastAPI, HTTPException, Response
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest

import models

NAME = os.environ.get('MODEL', 'resnet50')

requests = Counter('inference_requests', 'Requests by how they ended.', ['model', 'status'])
# Whisper takes longer than the ten seconds at which the usual buckets end.
latency = Histogram('inference_latency_seconds', 'From request to answer.', ['model'], buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 60, 120))
queue = Gauge('inference_queue_depth', 'Requests that are being answered or wait to be.', ['model'])
state = {}


@asynccontextmanager
async def lifespan(_):
    started = time.perf_counter()
    state['predict'] = models.load(NAME)
    # Every series is there from the first scrape on.
    queue.labels(NAME).set(0)
    latency.labels(NAME)
    for status in ('ok', 'refused', 'failed'):
        requests.labels(NAME, status)
    print(f'{NAME}: device {models.DEVICE}, loaded in {time.perf_counter() - started:.1f} s', flush=True)
    yield
    state.clear()


app = FastAPI(title='gpuk8s model server', lifespan=lifespan)


@app.get('/healthz')
def healthz():
    return {'model': NAME, 'device': models.DEVICE}


# A plain function: FastAPI runs it in a thread, so that metrics are answered while a model computes.
@app.post('/predict')
def predict(request: dict = Body(default={})):
    queue.labels(NAME).inc()
    started = time.perf_counter()
    status = 'failed'
    try:
        answer = state['predict'](request)
        status = 'ok'
        return {'model': NAME, 'device': models.DEVICE, 'seconds': round(time.perf_counter() - started, 4), **answer}
    except models.BadRequest as error:
        status = 'refused'
        raise HTTPException(400, str(error)) from error
    finally:
        latency.labels(NAME).observe(time.perf_counter() - started)
        requests.labels(NAME, status).inc()
        queue.labels(NAME).dec()


@app.get('/metrics')
def metrics():
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


if __name__ == '__main__':
    # uvicorn answers what it has begun and then ends when it is told to.
    uvicorn.run(app, host='0.0.0.0', port=int(os.environ.get('PORT', '8000')), timeout_graceful_shutdown=20, access_log=False)
