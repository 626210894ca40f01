// Reads QR codes from the camera: by the browser itself where it can, else by qr/decode.js.
const EVERY_MS = 120;
const SIDE = 720; // pixels handed to the decoder: enough for a code held at arm's length

async function reader() {
  if ("BarcodeDetector" in window) {
    try {
      const known = await BarcodeDetector.getSupportedFormats();
      if (known.includes("qr_code")) {
        const detector = new BarcodeDetector({ formats: ["qr_code"] });
        return async (canvas) => (await detector.detect(canvas))[0]?.rawValue ?? "";
      }
    } catch {
      // some builds have the name and no service behind it
    }
  }
  const { decodeQR } = await import("./vendor/qr/decode.js");
  return async (canvas) => {
    const { width, height } = canvas;
    const { data } = canvas.getContext("2d", { willReadFrequently: true }).getImageData(0, 0, width, height);
    try {
      return decodeQR({ width, height, data });
    } catch {
      return ""; // no code in this picture
    }
  };
}

export async function watch(video, found) {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: false,
    video: { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } },
  });
  video.srcObject = stream;
  await video.play();
  const read = await reader();
  const canvas = document.createElement("canvas");
  let stopped = false;
  const look = async () => {
    if (stopped) return;
    if (video.videoWidth && document.visibilityState === "visible") {
      const scale = Math.min(1, SIDE / Math.min(video.videoWidth, video.videoHeight));
      canvas.width = Math.round(video.videoWidth * scale);
      canvas.height = Math.round(video.videoHeight * scale);
      canvas.getContext("2d", { willReadFrequently: true }).drawImage(video, 0, 0, canvas.width, canvas.height);
      const text = await read(canvas);
      if (text) await found(text);
    }
    setTimeout(look, EVERY_MS);
  };
  look();
  return () => {
    stopped = true;
    for (const track of stream.getTracks()) track.stop();
  };
}
