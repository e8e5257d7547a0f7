# The model server with the weights of its three models. PyTorch's packages bring the CUDA libraries; the driver is the node's.
FROM docker.io/library/python:3.12-slim

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 \
    HF_HOME=/models/huggingface TORCH_HOME=/models/torch

WORKDIR /app
COPY requirements.txt .
RUN pip install --requirement requirements.txt

# Weights are fetched while the image is built: pods behind a network policy cannot fetch any.
COPY models.py .
RUN python models.py && chmod -R a+rX /models

COPY server.py .
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin server
USER 10001
ENV HF_HUB_OFFLINE=1 MODEL=resnet50 PORT=8000
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=120s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=4)"]
CMD ["python", "server.py"]
