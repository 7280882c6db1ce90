# Trains LeNet-5 on Fashion-MNIST in a fresh Debian 12: docker build -t striate . && docker run --rm striate
FROM swift:6.2-bookworm
WORKDIR /striate
COPY Scripts Scripts
RUN Scripts/bootstrap
COPY . .
RUN swift build -c release
CMD ["make", "run"]
