/**
 * The viewer of /openapi.json at /docs.
 *
 * Swagger UI keeps the page's content security policy as it is; smaller viewers need inline styles. It is 0.5 MB in the
 * binary, compressed.
 */

import SwaggerUI from "swagger-ui-dist/swagger-ui-bundle.js";
import "swagger-ui-dist/swagger-ui.css";
import "./docs.css";

SwaggerUI({
  dom_id: "#docs",
  url: "/openapi.json",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  // Else it would ask a foreign service.
  validatorUrl: null,
});
