/** As much of the viewer as is used. */
declare module "swagger-ui-dist/swagger-ui-bundle.js" {
  export default function SwaggerUI(settings: {
    dom_id: string;
    url: string;
    deepLinking: boolean;
    defaultModelsExpandDepth: number;
    validatorUrl: null;
  }): void;
}

declare module "*.css";
