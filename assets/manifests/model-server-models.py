"""The models, each as a function from a request to an answer. Run as a program it fetches all weights."""

import base64
import io
import struct
import sys
import wave

import numpy as np
import torch

DEVICE = 'cuda' if torch.cuda.is_available() else 'cpu'


class BadRequest(ValueError):
    """What was asked cannot be answered, in a sentence."""


def load(name):
    """The model by its name: on the GPU where there is one, and warm."""
    if name not in LOADERS:
        raise SystemExit(f'MODEL is {name!r}; it can be one of {", ".join(LOADERS)}')
    predict = LOADERS[name]()
    predict({})
    return predict


def resnet50():
    from PIL import Image, UnidentifiedImageError
    from torchvision.models import ResNet50_Weights, resnet50 as network

    weights = ResNet50_Weights.IMAGENET1K_V2
    model = network(weights=weights).eval().to(DEVICE)
    prepare = weights.transforms()

    def predict(request):
        """`image`: a picture in base64; without one a grey picture is looked at."""
        try:
            picture = Image.open(io.BytesIO(decoded(request, 'image'))).convert('RGB') if 'image' in request else Image.new('RGB', (224, 224), (128, 128, 128))
        except (UnidentifiedImageError, OSError) as error:
            raise BadRequest('image is no picture that can be read') from error
        with torch.inference_mode():
            scores = model(prepare(picture).unsqueeze(0).to(DEVICE)).softmax(1)[0]
        score, index = scores.max(0)
        return {'label': weights.meta['categories'][index.item()], 'score': round(score.item(), 4)}

    return predict


def distilbert():
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    name = 'distilbert/distilbert-base-uncased-finetuned-sst-2-english'
    tokens = AutoTokenizer.from_pretrained(name)
    model = AutoModelForSequenceClassification.from_pretrained(name).eval().to(DEVICE)

    def predict(request):
        """`text`: a sentence in English."""
        text = request.get('text', 'All nodes came back.')
        if not isinstance(text, str):
            raise BadRequest('text is no string')
        with torch.inference_mode():
            inputs = tokens(text, return_tensors='pt', truncation=True).to(DEVICE)
            scores = model(**inputs).logits.softmax(1)[0]
        score, index = scores.max(0)
        return {'label': model.config.id2label[index.item()], 'score': round(score.item(), 4)}

    return predict


def whisper():
    from transformers import WhisperForConditionalGeneration, WhisperProcessor

    name = 'openai/whisper-small'
    processor = WhisperProcessor.from_pretrained(name)
    model = WhisperForConditionalGeneration.from_pretrained(name).eval().to(DEVICE)

    def predict(request):
        """`audio`: a WAV file of 16 kHz, mono, 16 bit, in base64; without one a second of silence."""
        samples = waveform(decoded(request, 'audio')) if 'audio' in request else np.zeros(16_000, dtype=np.float32)
        with torch.inference_mode():
            features = processor(samples, sampling_rate=16_000, return_tensors='pt').input_features.to(DEVICE)
            words = model.generate(features, max_new_tokens=200)
        return {'text': processor.batch_decode(words, skip_special_tokens=True)[0].strip()}

    return predict


LOADERS = {'resnet50': resnet50, 'distilbert': distilbert, 'whisper': whisper}


def decoded(request, field):
    value = request[field]
    if not isinstance(value, str):
        raise BadRequest(f'{field} is no base64')
    try:
        return base64.b64decode(value, validate=True)
    except ValueError as error:
        raise BadRequest(f'{field} is no base64') from error


def waveform(data):
    try:
        with wave.open(io.BytesIO(data)) as file:
            if (file.getframerate(), file.getnchannels(), file.getsampwidth()) != (16_000, 1, 2):
                raise BadRequest('audio is not of 16 kHz, mono, 16 bit')
            return np.frombuffer(file.readframes(file.getnframes()), dtype='<i2').astype(np.float32) / 32768
    except (wave.Error, EOFError, struct.error) as error:
        raise BadRequest('audio is no WAV file') from error


if __name__ == '__main__':
    for each in sys.argv[1:] or LOADERS:
        load(each)
        print(f'{each}: fetched and tried', flush=True)
