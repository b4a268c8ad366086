# syntax=docker/dockerfile:1
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /hearth ./cmd/hearth && mkdir -m 0700 /data

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /hearth /hearth
COPY --from=build --chown=65532:65532 /data /data
ENV HEARTH_ADDR=0.0.0.0:8080 HEARTH_DATA=/data HEARTH_LOG_FORMAT=json
VOLUME /data
EXPOSE 8080
USER 65532:65532
ENTRYPOINT ["/hearth"]
CMD ["serve"]
