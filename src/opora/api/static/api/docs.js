// Opens the description in the page that tries calls. Tokens stay in the page: nothing is stored.
const place = document.getElementById("swagger-ui");
window.SwaggerUIBundle({
  dom_id: "#swagger-ui",
  url: place.dataset.description,
  layout: "BaseLayout",
  deepLinking: true,
  validatorUrl: null,
  persistAuthorization: false,
  presets: [window.SwaggerUIBundle.presets.apis, window.SwaggerUIBundle.SwaggerUIStandalonePreset].filter(Boolean),
});
