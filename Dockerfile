# syntax=docker/dockerfile:1
# The image of resumewatch: one static program that runs as nobody, the program
# that its health check calls, certificates, and nothing else. Build it with
#   docker build --build-arg VERSION=$(git describe --tags --always) -t resumewatch .
FROM golang:1.26.8-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=unknown
RUN VERSION="$VERSION" deploy/docker/build.sh /image

FROM scratch
COPY --from=build /image/bin /bin
COPY --from=build /image/etc /etc
# A new volume takes its owner from /data.
COPY --from=build --chown=65532:65532 /image/data /data
COPY --from=build --chown=65532:65532 /image/tmp /tmp
USER 65532:65532
WORKDIR /data
ENV RESUMEWATCH_DATA=/data
EXPOSE 8686 8687
ENTRYPOINT ["/bin/resumewatch"]
CMD ["--help"]
