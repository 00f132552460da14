FROM python:3.11-slim

RUN useradd --create-home --uid 1000 vasari \
    && install --directory --owner=vasari --group=vasari /data /weights

WORKDIR /app

# uv, unlike pip, can be told to take PyTorch's CPU builds: the usual ones bring gigabytes of CUDA.
RUN pip install --no-cache-dir 'uv>=0.9,<1'

# The dependencies have a layer of their own: a change of the code does not fetch them again.
# They are of the versions that were tested. Not by their hashes: PyTorch's CPU builds have others.
COPY pyproject.toml requirements.lock ./
RUN uv pip install --system --no-cache --compile-bytecode --torch-backend=cpu \
    -r pyproject.toml --constraint requirements.lock

# Editable, so that the files beside the code (the sample collection, the migrations) are found.
COPY . .
RUN uv pip install --system --no-cache --no-deps --editable .

USER vasari
ENV PYTHONUNBUFFERED=1 \
    VASARI_HOME=/data \
    VASARI_WEIGHTS_DIR=/weights \
    VASARI_HOST=0.0.0.0 \
    VASARI_PORT=8501
EXPOSE 8501
CMD ["vasari", "serve"]
